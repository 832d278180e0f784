using System.Globalization;

namespace OrdersActors.Publishing;

/// <summary>Where a silo, or several behind one name, takes publishers and front ends in.</summary>
/// <param name="Host">A name or an IP address. A name may stand for many silos, and for others tomorrow.</param>
/// <param name="Port">The gateway's port, 1 to 65535.</param>
public sealed record GatewayAddress(string Host, int Port)
{
    /// <summary>Reads HOST:PORT.</summary>
    /// <exception cref="FormatException">It is something else.</exception>
    public static GatewayAddress Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var colon = text.LastIndexOf(':');
        return colon > 0
            && int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            && port is > 0 and < 65536
            ? new GatewayAddress(text[..colon], port)
            : throw new FormatException($"the gateway must be HOST:PORT, is '{text}'");
    }

    /// <summary>Reads a list that is parted by commas.</summary>
    /// <exception cref="FormatException">One of them is not HOST:PORT.</exception>
    public static IReadOnlyList<GatewayAddress> ParseList(string? text) =>
        [.. (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(Parse)];

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Host}:{Port}");
}
