using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Messaging;

namespace OrdersActors.Publishing.Gateways;

/// <summary>
/// Resolves the gateways' names again at every refresh. The silos behind a name change, so a client that kept the
/// addresses of its start would finally know no live silo. If a name cannot be resolved, its last addresses are kept.
/// </summary>
/// <remarks>
/// If there are several gateways, those that do not answer are excluded until they answer again. Orleans itself drops a
/// gateway only when its connection breaks. A frozen silo keeps its connections open, so without the exclusion requests
/// to it would time out as long as it is frozen.
/// </remarks>
internal sealed partial class NamedGateways(
    IReadOnlyList<GatewayAddress> gateways, IOptions<GatewayOptions> options, TimeProvider time,
    ILogger<NamedGateways> logger) : IGatewayListProvider
{
    // The probe timeout for a gateway in use. It matches the 3 to 4 s after which silos declare each other dead,
    // because dropping a gateway that is merely busy loses the answers in transit.
    private static readonly TimeSpan TimeoutInUse = TimeSpan.FromSeconds(4);

    // The probe timeout for other gateways. Excluding one that is not in use loses nothing, and a short timeout keeps
    // the start of a client fast.
    private static readonly TimeSpan TimeoutOtherwise = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<GatewayAddress, IPEndPoint[]> _known = new();
    private readonly ConcurrentDictionary<GatewayAddress, byte> _unresolved = new();

    // The last result. Volatile, because Orleans refreshes the list on a thread of the pool each time.
    private volatile IPEndPoint[] _inUse = [];

    public TimeSpan MaxStaleness => options.Value.GatewayListRefreshPeriod;

    public bool IsUpdatable => true;

    public Task InitializeGatewayListProvider() => Task.CompletedTask;

    public async Task<IList<Uri>> GetGateways()
    {
        await Task.WhenAll(gateways.Select(ResolveAsync));
        _inUse = await ChooseAsync([.. _known.Values.SelectMany(addresses => addresses).Distinct()], _inUse);
        return Array.ConvertAll(_inUse, address => address.ToGatewayUri());
    }

    private async Task ResolveAsync(GatewayAddress gateway)
    {
        using var timeout = new CancellationTokenSource(TimeoutInUse, time);
        try
        {
            _known[gateway] = await gateway.ResolveAsync(timeout.Token);
            _unresolved.TryRemove(gateway, out _);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            // Logged once per outage of the name server, not at every refresh.
            if (_unresolved.TryAdd(gateway, 0))
            {
                LogNotResolved(gateway.Host, e is SocketException ? e.Message : "the name server does not answer");
            }
        }
    }

    /// <summary>Returns the gateways that answer. If none answers, or if there is only one, returns all.</summary>
    private async Task<IPEndPoint[]> ChooseAsync(IPEndPoint[] known, IPEndPoint[] inUse)
    {
        if (known.Length < 2)
        {
            return known;
        }

        var answers = await Task.WhenAll(known.Select(gateway =>
            GatewayProbe.AnswersAsync(gateway, inUse.Contains(gateway) ? TimeoutInUse : TimeoutOtherwise, time)));
        IPEndPoint[] answering = [.. known.Where((_, i) => answers[i])];
        if (answering.Length == 0)
        {
            return known;
        }

        foreach (var gateway in inUse.Intersect(known).Except(answering))
        {
            LogExcluded(gateway);
        }

        return answering;
    }

    [LoggerMessage(1510, LogLevel.Warning,
        "Cannot resolve the gateway's host {Host}: {Reason}. Retrying at every refresh; its last addresses are kept")]
    private partial void LogNotResolved(string host, string reason);

    [LoggerMessage(1511, LogLevel.Information,
        "The gateway {Gateway} does not answer; the client uses the others until it answers again")]
    private partial void LogExcluded(IPEndPoint gateway);
}
