using System.Net;

namespace OrdersActors.Server.Hosting;

/// <summary>
/// Warns at every start of a silo whose ports are reachable from other machines without TLS. Everyone who can connect
/// to them can publish for every organization and read all events.
/// </summary>
internal sealed partial class OpenPorts(ILogger<OpenPorts> logger)
{
    /// <summary>Logs one warning if it applies.</summary>
    public void Warn(ServerOptions options, ServerRole role)
    {
        if (role != ServerRole.FrontEnd && options.Tls is null && !IPAddress.IsLoopback(options.AdvertisedAddress))
        {
            LogOpen(options.AdvertisedAddress, options.SiloPort, options.GatewayPort);
        }
    }

    [LoggerMessage(1620, LogLevel.Warning,
        "The ports {SiloPort} (silo) and {GatewayPort} (gateway) listen on {Address} without authentication and "
        + "encryption: everyone who can connect to them can publish and read everything. Set "
        + "OrdersActors:Tls:CertificateFile and OrdersActors:Tls:AuthorityFile, or make sure that only trusted "
        + "machines can connect")]
    private partial void LogOpen(IPAddress address, int siloPort, int gatewayPort);
}
