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
/// they queue at the database in as many small ones, which costs it three times as much for publishers that send one event a call.
/// Nothing depends on the way: where the owner does not answer, this silo appends by itself, and goes on doing so for a while. If
/// the owner had stored the events after all, they are known by their ids.
/// </remarks>
internal sealed partial class AppendRoute(
    IEventLog log, PartitionMap map, ILocalSiloDetails silo, IGrainFactory grains, TimeProvider time, ILogger<AppendRoute> logger)
{
    // Until then a silo that has gone is known to have.
    private static readonly TimeSpan Detour = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<SiloAddress, long> _avoidedSince = new();

    /// <summary>As <see cref="IEventLog.AppendAsync"/>.</summary>
    public async Task AppendAsync(string organizationId, OrderStatusEvent[] events)
    {
        if (map.OwnerOf(map.PartitionOf(organizationId)) is { } owner && !owner.Equals(silo.SiloAddress) && !IsAvoided(owner))
        {
            try
            {
                await grains.GetGrain<IOwnerWriter>(organizationId).Append(events);
                return;
            }
            catch (Exception e) when (e is TimeoutException or OrleansException)
            {
                _avoidedSince[owner] = time.GetTimestamp();
                LogDetour(owner, e.Message);
            }
        }

        await log.AppendAsync(organizationId, events);
    }

    private bool IsAvoided(SiloAddress owner)
    {
        if (!_avoidedSince.TryGetValue(owner, out var since))
        {
            return false;
        }

        if (time.GetElapsedTime(since) < Detour)
        {
            return true;
        }

        _avoidedSince.TryRemove(new(owner, since));
        return false;
    }

    [LoggerMessage(1240, LogLevel.Debug, "Silo {Owner} does not take appends: {Reason}; this silo makes them itself for a while")]
    private partial void LogDetour(SiloAddress owner, string reason);
}
