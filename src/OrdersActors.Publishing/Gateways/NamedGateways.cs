using System.Collections.Concurrent;
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
/// <remarks>
/// Of several gateways, those that do not answer are left out until they do. Orleans leaves one by itself when the connection breaks;
/// a silo that stands still breaks none, and what is sent there would be lost for as long as it does.
/// </remarks>
internal sealed partial class NamedGateways(
    IReadOnlyList<GatewayAddress> gateways, IOptions<GatewayOptions> options, ILogger<NamedGateways> logger) : IGatewayListProvider
{
    // As long as silos give each other: leaving one that is merely busy loses the answers that are on their way.
    private static readonly TimeSpan PatienceInUse = TimeSpan.FromSeconds(4);

    // Nothing is lost with one that is not in use, and whoever starts wants to begin.
    private static readonly TimeSpan PatienceOtherwise = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<GatewayAddress, IPEndPoint[]> _known = new();
    private readonly ConcurrentDictionary<GatewayAddress, byte> _unresolved = new();
    private volatile IPEndPoint[] _given = [];

    public TimeSpan MaxStaleness => options.Value.GatewayListRefreshPeriod;

    public bool IsUpdatable => true;

    public Task InitializeGatewayListProvider() => Task.CompletedTask;

    public async Task<IList<Uri>> GetGateways()
    {
        await Task.WhenAll(gateways.Select(ResolveAsync));
        _given = await ChooseAsync([.. _known.Values.SelectMany(addresses => addresses).Distinct()], _given);
        return Array.ConvertAll(_given, address => address.ToGatewayUri());
    }

    private async Task ResolveAsync(GatewayAddress gateway)
    {
        using var timeout = new CancellationTokenSource(PatienceInUse);
        try
        {
            _known[gateway] = await gateway.ResolveAsync(timeout.Token);
            _unresolved.TryRemove(gateway, out _);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            // Once per outage of the name server, not at every refresh.
            if (_unresolved.TryAdd(gateway, 0))
            {
                LogNotResolved(gateway.Host, e is SocketException ? e.Message : "no name server answers");
            }
        }
    }

    /// <summary>Those that answer; all where none does, or where there is no other.</summary>
    private async Task<IPEndPoint[]> ChooseAsync(IPEndPoint[] known, IPEndPoint[] inUse)
    {
        if (known.Length < 2)
        {
            return known;
        }

        var answers = await Task.WhenAll(known.Select(gateway =>
            GatewayProbe.AnswersAsync(gateway, inUse.Contains(gateway) ? PatienceInUse : PatienceOtherwise)));
        IPEndPoint[] answering = [.. known.Where((_, i) => answers[i])];
        if (answering.Length == 0)
        {
            return known;
        }

        foreach (var gateway in inUse.Intersect(known).Except(answering))
        {
            LogLeftOut(gateway);
        }

        return answering;
    }

    [LoggerMessage(1510, LogLevel.Warning,
        "The gateway's host {Host} cannot be resolved: {Reason}. It is resolved again at every refresh")]
    private partial void LogNotResolved(string host, string reason);

    [LoggerMessage(1511, LogLevel.Information, "The gateway {Gateway} does not answer; the others are used until it does")]
    private partial void LogLeftOut(IPEndPoint gateway);
}
