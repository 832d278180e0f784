using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace OrdersActors.Server.Hosting;

/// <summary>Reads HOST:PORT, or several of them.</summary>
internal static class GatewayList
{
    /// <summary>Reads a list that is parted by commas; empty where there is none.</summary>
    /// <exception cref="StartupException">One of them is not HOST:PORT, or its host is not known.</exception>
    public static IReadOnlyList<IPEndPoint> Parse(string? gateways) =>
        [.. (gateways ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).SelectMany(ParseOne)];

    /// <summary>A host may have several addresses, one of each silo.</summary>
    private static IEnumerable<IPEndPoint> ParseOne(string gateway)
    {
        var colon = gateway.LastIndexOf(':');
        if (colon <= 0
            || !int.TryParse(gateway[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            || port is 0 or > 65535)
        {
            throw new StartupException($"the gateway must be HOST:PORT, is '{gateway}'");
        }

        try
        {
            return Dns.GetHostAddresses(gateway[..colon], AddressFamily.InterNetwork).Select(address => new IPEndPoint(address, port));
        }
        catch (SocketException)
        {
            throw new StartupException($"the gateway's host '{gateway[..colon]}' is not known");
        }
    }
}
