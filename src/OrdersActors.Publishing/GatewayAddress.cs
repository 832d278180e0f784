using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace OrdersActors.Publishing;

/// <summary>The address at which one silo, or several behind one name, accept publishers and front ends.</summary>
/// <param name="Host">
/// A name, or an IP address (IPv6 without brackets). A name may resolve to many silos, and to others later.
/// </param>
/// <param name="Port">The gateway's port, 1 to 65535.</param>
public sealed record GatewayAddress(string Host, int Port)
{
    /// <summary>Parses HOST:PORT, where HOST is a name, an IPv4 address, or an IPv6 address in brackets.</summary>
    /// <exception cref="FormatException">The text has another form.</exception>
    public static GatewayAddress Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var colon = text.LastIndexOf(':');
        if (colon <= 0
            || !int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            || port is <= 0 or > ushort.MaxValue)
        {
            throw new FormatException($"the gateway must be HOST:PORT, is '{text}'");
        }

        return new GatewayAddress(ParseHost(text, text[..colon]), port);
    }

    /// <summary>Parses a list of addresses, separated by commas. Null and empty give an empty list.</summary>
    /// <exception cref="FormatException">An entry is not HOST:PORT.</exception>
    public static IReadOnlyList<GatewayAddress> ParseList(string? text) =>
    [
        .. (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(Parse),
    ];

    /// <inheritdoc/>
    public override string ToString() => Host.Contains(':', StringComparison.Ordinal)
        ? string.Create(CultureInfo.InvariantCulture, $"[{Host}]:{Port}")
        : string.Create(CultureInfo.InvariantCulture, $"{Host}:{Port}");

    /// <summary>Resolves the host to its current addresses.</summary>
    /// <exception cref="SocketException">The name cannot be resolved.</exception>
    internal async Task<IPEndPoint[]> ResolveAsync(CancellationToken cancellationToken)
    {
        IPAddress[] addresses = IPAddress.TryParse(Host, out var address)
            ? [address]
            : await Dns.GetHostAddressesAsync(Host, cancellationToken);
        return [.. addresses
            .Where(IsUsable)
            .Select(found => new IPEndPoint(found.IsIPv4MappedToIPv6 ? found.MapToIPv4() : found, Port))
            .Distinct()];
    }

    private static bool IsUsable(IPAddress address) =>
        address.AddressFamily == AddressFamily.InterNetwork
        || (address.AddressFamily == AddressFamily.InterNetworkV6 && Socket.OSSupportsIPv6);

    private static string ParseHost(string text, string host)
    {
        if (host is ['[', .. var inner, ']'])
        {
            return IPAddress.TryParse(inner, out var address) && address.AddressFamily == AddressFamily.InterNetworkV6
                ? inner
                : throw new FormatException($"the gateway must have an IPv6 address in its brackets, is '{text}'");
        }

        // Without brackets, the port cannot be distinguished from the last group of an IPv6 address.
        return host.AsSpan().IndexOfAny(":[]") < 0
            ? host
            : throw new FormatException(
                $"the gateway must be HOST:PORT, with an IPv6 address in brackets like [::1]:30000, is '{text}'");
    }
}
