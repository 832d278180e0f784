using System.Globalization;
using Microsoft.Extensions.Primitives;

namespace OrdersActors.FrontEnd.Transport;

/// <summary>The compression that a connection agreed on: permessage-deflate (RFC 7692, section 7).</summary>
/// <remarks>
/// Neither side uses the window of an earlier message (<c>no_context_takeover</c>). So all connections share a
/// compressed frame, and no connection holds a window while it is idle. The runtime compresses with a window of 15
/// bits. A client that asked for fewer bits gets only those messages compressed that fit into its window: a message
/// never refers to more than its own length.
/// </remarks>
/// <param name="WindowBits">The client's <c>server_max_window_bits</c>; null if it gave none.</param>
internal sealed record DeflateExtension(int? WindowBits)
{
    private const string Name = "permessage-deflate";
    private const string NoServerContext = "server_no_context_takeover";
    private const string NoClientContext = "client_no_context_takeover";
    private const string ServerBits = "server_max_window_bits";
    private const string ClientBits = "client_max_window_bits";
    private const int LeastBits = 8;
    private const int MostBits = 15;

    /// <summary>The longest message, in bytes, that may be sent compressed.</summary>
    public int Window => WindowBits is null or MostBits ? int.MaxValue : 1 << WindowBits.Value;

    /// <summary>The value of the header that answers the offer.</summary>
    public string Answer =>
        $"{Name}; {NoServerContext}; {NoClientContext}" + (WindowBits is { } bits ? $"; {ServerBits}={bits}" : "");

    /// <summary>Returns the first offer that can be accepted, or null.</summary>
    /// <param name="offers">The values of the header <c>Sec-WebSocket-Extensions</c>.</param>
    public static DeflateExtension? Choose(StringValues offers)
    {
        foreach (var offer in offers.SelectMany(value => Split(value ?? "", ',')))
        {
            if (TryAccept(offer) is { } accepted)
            {
                return accepted;
            }
        }

        return null;
    }

    // An offer with a parameter that is unknown, given twice or has a wrong value must be declined (section 7).
    private static DeflateExtension? TryAccept(string offer)
    {
        var parts = Split(offer, ';');
        if (parts[0] != Name)
        {
            return null;
        }

        var given = new HashSet<string>(StringComparer.Ordinal);
        int? windowBits = null;
        foreach (var parameter in parts.Skip(1))
        {
            var equals = parameter.IndexOf('=', StringComparison.Ordinal);
            var name = equals < 0 ? parameter : parameter[..equals].TrimEnd();
            var value = equals < 0 ? null : parameter[(equals + 1)..].TrimStart();
            if (!given.Add(name) || !IsValid(name, value))
            {
                return null;
            }

            windowBits = name == ServerBits ? ReadBits(value) : windowBits;
        }

        return new DeflateExtension(windowBits);
    }

    private static bool IsValid(string name, string? value) => name switch
    {
        NoServerContext or NoClientContext => value is null,
        ServerBits => ReadBits(value) is not null,
        // The client announces that it can use a smaller window. The server does not ask for one.
        ClientBits => value is null || ReadBits(value) is not null,
        _ => false,
    };

    // A value may be in quotes (RFC 6455, section 9.1). It has no leading zero.
    private static int? ReadBits(string? value)
    {
        if (value is ['"', .. var quoted, '"'])
        {
            value = quoted;
        }

        return value is not null && !value.StartsWith('0')
            && int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var bits)
            && bits is >= LeastBits and <= MostBits
                ? bits
                : null;
    }

    /// <summary>Splits a header at a separator that is outside of quotes.</summary>
    private static List<string> Split(string text, char separator)
    {
        var parts = new List<string>();
        var (start, isQuoted) = (0, false);
        for (var i = 0; i <= text.Length; i++)
        {
            if (i == text.Length || (text[i] == separator && !isQuoted))
            {
                parts.Add(text[start..i].Trim());
                start = i + 1;
            }
            else if (text[i] == '"')
            {
                isQuoted = !isQuoted;
            }
            else if (text[i] == '\\' && isQuoted)
            {
                i++;
            }
        }

        return parts;
    }
}
