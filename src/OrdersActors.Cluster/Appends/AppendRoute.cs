using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.Logging;
using OrdersActors.Cluster.Partitions;
using OrdersActors.Storage;

namespace OrdersActors.Cluster.Appends;

/// <summary>
/// Routes appends to the organization's home silo, where all appends of a partition share transactions. Every append
/// takes this route, whether its publisher is a client of the cluster or runs inside a silo.
/// </summary>
/// <remarks>
/// <code>
///   client ──► EventWriterGrain ─┐        ┌─ this silo is the home ─────────────────► log
///                                ├► route ┼─ 1 HomeAppendGrain on the home silo ────► log
///   publisher inside a silo ─────┘        └─ 2 the home silo did not take it ───────► log, from this silo
/// </code>
/// <para>Appends of a partition commit one after another, whichever silo makes them. One silo groups them into a few
/// large transactions. Many silos would queue at the database with many small transactions, and each of them would
/// notify every silo. Appends on their way to a home silo share calls as well (<see cref="HomeAppendLane"/>).</para>
/// <para>Correctness does not depend on the route. If the home silo does not take an append, this silo appends the
/// events itself, and does so for all appends of the next few seconds. If the home silo did store the events, the log
/// recognizes them by their ids.</para>
/// Thread-safe.
/// </remarks>
/// <param name="log">The log.</param>
/// <param name="map">The home silos.</param>
/// <param name="silo">This silo.</param>
/// <param name="grains">Calls the home silos.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">The logger.</param>
public sealed partial class AppendRoute(
    IEventLog log,
    PartitionMap map,
    ILocalSiloDetails silo,
    IGrainFactory grains,
    TimeProvider time,
    ILogger<AppendRoute> logger)
{
    private readonly ConcurrentDictionary<SiloAddress, HomeAppendLane> _lanes = new();

    /// <summary>
    /// Stores the events, in order, all or none. Returns what was stored when it is committed. Fails like
    /// <see cref="IEventWriterGrain.Store"/>.
    /// </summary>
    public async Task<PublishedEvent[]> AppendAsync(string organizationId, OrderStatusEvent[] events)
    {
        using var span = EventTraces.Begin("append", ActivityKind.Server);
        try
        {
            var startedAt = time.GetTimestamp();
            var stored = map.HomeOf(organizationId) is { } home && !home.Equals(silo.SiloAddress)
                ? await TryAppendAsync(home, organizationId, events)
                : null;
            stored ??= await log.AppendWithinAsync(LeftSince(startedAt), organizationId, events, time);
            AppendMetrics.CountStored();
            return stored;
        }
        catch (Exception e)
        {
            AppendMetrics.CountFailed(e);
            span?.SetStatus(ActivityStatusCode.Error, e.Message);
            throw;
        }
    }

    private TimeSpan LeftSince(long startedAt)
    {
        var left = Deadlines.AppendRoute - time.GetElapsedTime(startedAt);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    /// <summary>
    /// Appends on the home silo. Returns null if it is avoided, did not answer or could not store the events.
    /// </summary>
    private async Task<PublishedEvent[]?> TryAppendAsync(
        SiloAddress home, string organizationId, OrderStatusEvent[] events)
    {
        var lane = LaneTo(home);
        if (lane.IsAvoided())
        {
            return null;
        }

        try
        {
            var stored = await lane.StoreAsync(organizationId, events);
            lane.Use();
            return stored;
        }
        catch (Exception e) when (HomeAppendLane.IsUnanswered(e))
        {
            lane.Avoid();
            LogAvoided(home, e.Message);
            return null;
        }
    }

    private HomeAppendLane LaneTo(SiloAddress home)
    {
        if (_lanes.TryGetValue(home, out var lane))
        {
            return lane;
        }

        foreach (var left in _lanes.Keys.Where(known => !map.Owners.Contains(known)))
        {
            // The appends that it has keep it until they are answered.
            _lanes.TryRemove(left, out _);
        }

        return _lanes.GetOrAdd(home, _ => new HomeAppendLane(grains, time));
    }

    [LoggerMessage(1240, LogLevel.Debug,
        "Silo {Owner} does not take appends: {Reason}. This silo makes them itself for a few seconds")]
    private partial void LogAvoided(SiloAddress owner, string reason);
}
