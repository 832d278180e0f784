using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Messaging;

namespace OrdersActors.Publishing;

/// <summary>
/// Finds the gateways by name, again at every refresh: silos come and go behind a name, and a client that remembered the
/// addresses of its start would one day know none that lives. A name that cannot be resolved keeps the addresses it had.
/// </summary>
internal sealed partial class NamedGateways(
    IReadOnlyList<GatewayAddress> gateways, IOptions<GatewayOptions> options, ILogger<NamedGateways> logger) : IGatewayListProvider
{
    private readonly Dictionary<GatewayAddress, Uri[]> _known = [];

    public TimeSpan MaxStaleness => options.Value.GatewayListRefreshPeriod;

    public bool IsUpdatable => true;

    public Task InitializeGatewayListProvider() => Task.CompletedTask;

    // Orleans asks one thing at a time.
    public async Task<IList<Uri>> GetGateways()
    {
        foreach (var gateway in gateways)
        {
            try
            {
                var addresses = await Dns.GetHostAddressesAsync(gateway.Host, AddressFamily.InterNetwork);
                _known[gateway] = Array.ConvertAll(addresses, address => new IPEndPoint(address, gateway.Port).ToGatewayUri());
            }
            catch (SocketException e)
            {
                LogNotResolved(gateway.Host, e.Message);
            }
        }

        return [.. _known.Values.SelectMany(addresses => addresses).Distinct()];
    }

    [LoggerMessage(1510, LogLevel.Warning, "The gateway's host {Host} is not known: {Reason}; it is asked for again at the next refresh")]
    private partial void LogNotResolved(string host, string reason);
}
