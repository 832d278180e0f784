using System.Net;

namespace OrdersActors.FrontEnd.Limits;

/// <summary>The proxies whose X-Forwarded-For is trusted.</summary>
internal static class KnownProxies
{
    /// <summary>Parses addresses and networks, separated by commas.</summary>
    /// <exception cref="FormatException">
    /// An entry is neither an address nor a network. The message names it.
    /// </exception>
    public static IReadOnlyList<IPNetwork> Parse(string? list) =>
    [
        .. (list ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(ParseOne),
    ];

    private static IPNetwork ParseOne(string entry) =>
        IPNetwork.TryParse(entry, out var network) ? network
        : IPAddress.TryParse(entry, out var address) ? new IPNetwork(address, address.GetAddressBytes().Length * 8)
        : throw new FormatException(
            $"'{entry}' is not an IP address or a network such as 10.0.0.0/8");
}
