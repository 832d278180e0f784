using System.Diagnostics;
using OrdersActors.Cluster.Partitions;
using OrdersActors.Cluster.Placement;
using OrdersActors.Storage;
using Orleans.Concurrency;

namespace OrdersActors.Cluster.Appends;

/// <summary>
/// Makes the appends of one organization on its home silo. Reentrant, so that all appends that arrive together share
/// one group commit. Its fields do not change, so all calls may interleave.
/// </summary>
[GrainType("owner-writer")]
[OrganizationPlacement, Reentrant]
internal sealed class HomeAppendGrain : Grain, IHomeAppendGrain
{
    private const string SpanName = "append at home";

    private readonly IEventLog _log;
    private readonly TimeProvider _time;
    private readonly HomeSiloAffinity _affinity;

    public HomeAppendGrain(IEventLog log, PartitionMap map, ILocalSiloDetails silo, TimeProvider time)
    {
        _log = log;
        _time = time;
        _affinity = new HomeSiloAffinity(this.GetPrimaryKeyString(), map, silo, time);
    }

    public Task Append(OrderStatusEvent[] events) => Store(events);

    public async Task<HomeAppendAnswer[]> StoreAll(HomeAppend[] appends)
    {
        try
        {
            return await Task.WhenAll(appends.Select(AnswerAsync));
        }
        finally
        {
            _affinity.MigrateIfNotHome(this);
        }
    }

    public async Task<PublishedEvent[]> Store(OrderStatusEvent[] events)
    {
        using var span = EventTraces.Begin(SpanName, ActivityKind.Server);
        try
        {
            return await StoreAsync(this.GetPrimaryKeyString(), events);
        }
        finally
        {
            _affinity.MigrateIfNotHome(this);
        }
    }

    /// <summary>An append of several: its fault is its own answer, not that of the others.</summary>
    private async Task<HomeAppendAnswer> AnswerAsync(HomeAppend append)
    {
        using var span = EventTraces.Begin(SpanName, ActivityKind.Server, append.Trace);
        try
        {
            return new HomeAppendAnswer(await StoreAsync(append.OrganizationId, append.Events), Fault: null);
        }
        catch (Exception e)
        {
            return new HomeAppendAnswer(Stored: null, e);
        }
    }

    // If the wait fails, the calling silo appends the events itself.
    private Task<PublishedEvent[]> StoreAsync(string organizationId, OrderStatusEvent[] events) =>
        _log.AppendWithinAsync(Deadlines.HomeAppendWait, organizationId, events, _time);
}
