using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using OrdersActors.Storage;
using OrdersActors.Streaming;

namespace OrdersActors.Grains.Log;

/// <summary>
/// Brings appends to the silo that has the organization's partition, where they share transactions with all others of the partition.
/// </summary>
/// <remarks>
/// Appends of a partition commit one after another wherever they come from. From one silo they go in few large transactions; from many
/// they queue at the database in as many small ones, each of which every silo is told of.
/// Nothing depends on the way: where the owner does not take them, this silo appends by itself, and goes on doing so for a while. If
/// the owner had stored the events after all, they are known by their ids.
/// </remarks>
internal sealed partial class AppendRoute(
    IEventLog log, PartitionMap map, ILocalSiloDetails silo, IGrainFactory grains, TimeProvider time, ILogger<AppendRoute> logger)
{
    // Until then a silo that has gone is known to have.
    private static readonly TimeSpan Detour = TimeSpan.FromSeconds(5);

    // Both ways together, so that nothing is stored that the publisher, who waits five seconds, is publishing again.
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(4.5);

    private readonly ConcurrentDictionary<SiloAddress, long> _avoidedSince = new();

    /// <summary>Stores the events, in order, all or none. Returns when they are committed; fails as <see cref="IEventWriterGrain.Append"/>.</summary>
    public async Task AppendAsync(string organizationId, OrderStatusEvent[] events)
    {
        var startedAt = time.GetTimestamp();
        if (map.OwnerOf(map.PartitionOf(organizationId)) is not { } owner || owner.Equals(silo.SiloAddress) || IsAvoided(owner))
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

    /// <summary>When the time is over, one append tries the owner, and the others only if it succeeds.</summary>
    private bool IsAvoided(SiloAddress owner) =>
        _avoidedSince.TryGetValue(owner, out var since)
        && (time.GetElapsedTime(since) < Detour || !_avoidedSince.TryUpdate(owner, time.GetTimestamp(), since));

    [LoggerMessage(1240, LogLevel.Debug, "Silo {Owner} does not take appends: {Reason}; this silo makes them itself for a while")]
    private partial void LogDetour(SiloAddress owner, string reason);
}
