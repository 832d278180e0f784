using Orleans.Concurrency;
using OrdersActors.Grains.Observers;
using OrdersActors.Storage;

namespace OrdersActors.Grains.Log;

/// <summary>
/// Reads the log for front ends. Reentrant, so that one front end's long replay does not delay another's. It has no
/// state, so all calls may interleave.
/// </summary>
[GrainType("replay")]
[StatelessWorker, Reentrant]
internal sealed class ReplayGrain(IEventLog log) : Grain, IReplayGrain
{
    public async Task<EncodedOrderEvent[]> Read(FeedKey feed, long after, int limit)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(after);
        limit = Math.Clamp(limit, 1, 1000);
        var events = feed.IsOrganization
            ? await log.ReadOrganizationAsync(feed.OrganizationId, after, limit)
            : await log.ReadOrderAsync(feed.OrganizationId, feed.OrderId!, after, limit);
        return Encode(events);
    }

    public async Task<FeedBounds?> GetBounds(FeedKey feed)
    {
        // Captured before the read, so that numbers of an ended epoch are never labeled with the new epoch.
        var epoch = log.Epoch;
        if (feed.IsOrganization)
        {
            var organization = await log.GetOrganizationHeadAsync(feed.OrganizationId);
            return new FeedBounds(organization.Earliest, organization.Sequence, epoch);
        }

        return await log.GetOrderHeadAsync(feed.OrganizationId, feed.OrderId!) is { } order
            ? new FeedBounds(order.Earliest, order.Version, epoch)
            : null;
    }

    /// <summary>Encodes as many events as one message may carry, at least one.</summary>
    private static EncodedOrderEvent[] Encode(IReadOnlyList<OrderEvent> events)
    {
        var encoded = new List<EncodedOrderEvent>(events.Count);
        long bytes = 0;
        foreach (var e in events)
        {
            encoded.Add(OrderEventJson.Encode(e));
            bytes += encoded[^1].Json.Length;
            if (bytes >= PendingEvents.MaxBytesPerCall)
            {
                break;
            }
        }

        return [.. encoded];
    }
}
