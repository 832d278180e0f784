using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using OrdersActors.Storage;
using OrdersActors.Streaming;

namespace OrdersActors.Grains.Log;

/// <summary>
/// Routes appends to the silo that owns the organization's partition, where all appends of the partition share
/// transactions.
/// </summary>
/// <remarks>
/// Appends of a partition commit one after another, whichever silo makes them. One silo groups them into a few large
/// transactions. Many silos would queue at the database with many small transactions, and each of them would notify
/// every silo.
/// Correctness does not depend on the route. If the owner does not take an append, this silo appends the events itself,
/// and does so for all appends of the next few seconds. If the owner did store the events, the log recognizes them by
/// their ids.
/// </remarks>
internal sealed partial class AppendRoute(
    IEventLog log,
    PartitionMap map,
    ILocalSiloDetails silo,
    IGrainFactory grains,
    TimeProvider time,
    ILogger<AppendRoute> logger)
{
    // Long enough for membership to notice a dead silo (3 to 4 s).
    private static readonly TimeSpan Detour = TimeSpan.FromSeconds(5);

    // For both routes together. The publisher gives up after five seconds and retries, so no append may still be
    // waiting for its turn by then.
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(4.5);

    private readonly ConcurrentDictionary<SiloAddress, long> _avoidedSince = new();

    /// <summary>
    /// Stores the events, in order, all or none. Returns when they are committed. Fails like
    /// <see cref="IEventWriterGrain.Append"/>.
    /// </summary>
    public async Task AppendAsync(string organizationId, OrderStatusEvent[] events)
    {
        var startedAt = time.GetTimestamp();
        if (map.OwnerOf(map.PartitionOf(organizationId)) is not { } owner
            || owner.Equals(silo.SiloAddress)
            || IsAvoided(owner))
        {
            await log.AppendAsync(organizationId, events);
        }
        else if (!await TryAppendAsync(owner, organizationId, events))
        {
            var left = Deadline - time.GetElapsedTime(startedAt);
            await log.AppendWithinAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, organizationId, events, time);
        }
    }

    private async Task<bool> TryAppendAsync(SiloAddress owner, string organizationId, OrderStatusEvent[] events)
    {
        try
        {
            await grains.GetGrain<IOwnerWriter>(organizationId).Append(events);
            _avoidedSince.TryRemove(owner, out _);
            return true;
        }
        catch (Exception e) when (e is TimeoutException or OrleansException or EventLogUnavailableException)
        {
            _avoidedSince[owner] = time.GetTimestamp();
            LogDetour(owner, e.Message);
            return false;
        }
    }

    /// <summary>
    /// Whether this silo must not use the owner. When the avoidance time ends, one append tries the owner; the others
    /// avoid it until that append succeeds.
    /// </summary>
    private bool IsAvoided(SiloAddress owner) =>
        _avoidedSince.TryGetValue(owner, out var since)
        && (time.GetElapsedTime(since) < Detour || !_avoidedSince.TryUpdate(owner, time.GetTimestamp(), since));

    [LoggerMessage(1240, LogLevel.Debug,
        "Silo {Owner} does not take appends: {Reason}. This silo makes them itself for a few seconds")]
    private partial void LogDetour(SiloAddress owner, string reason);
}
