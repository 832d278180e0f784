using OrdersActors.Storage;
using OrdersActors.Storage.EventLog;
using Orleans.Streams;

namespace OrdersActors.Streaming.Batches;

/// <summary>Collects the events of one organization out of one read of a partition.</summary>
internal sealed class BatchBuilder(string organizationId, long position)
{
    /// <summary>
    /// Most bytes in one batch of the stream. A batch is one message if the consumer is on another silo. A character
    /// takes two bytes in memory and one to three bytes in a message, so the message is at most one and a half times as
    /// large.
    /// </summary>
    public const int MaxBytes = 1024 * 1024;

    private readonly List<OrderEvent> _events = [];
    private long _bytes;

    /// <summary>Adds an event. Returns false if the batch is full; an empty batch accepts any event.</summary>
    public bool TryAdd(OrderEvent e)
    {
        var bytes = EventSize.Of(e);
        if (_events.Count > 0 && _bytes + bytes > MaxBytes)
        {
            return false;
        }

        _events.Add(e);
        _bytes += bytes;
        return true;
    }

    /// <summary>Groups the entries of one read. The batches are in the order of their first events.</summary>
    /// <param name="entries">The entries, by position.</param>
    /// <param name="offset">The difference between an event's position and its place in the agent's cache.</param>
    /// <param name="epoch">The epoch of the positions.</param>
    public static List<IBatchContainer> Group(IReadOnlyList<PartitionEntry> entries, long offset, string epoch)
    {
        var open = new Dictionary<string, BatchBuilder>();
        var all = new List<(BatchBuilder Builder, long Position)>();
        foreach (var (position, e) in entries)
        {
            if (!open.TryGetValue(e.OrganizationId, out var builder) || !builder.TryAdd(e))
            {
                open[e.OrganizationId] = builder = new BatchBuilder(e.OrganizationId, position + offset);
                builder.TryAdd(e);
                all.Add((builder, position));
            }
        }

        // Every event is in a batch that starts at or before its position. So when this batch and all earlier ones are
        // delivered, every position before the start of the next batch is delivered.
        var batches = new List<IBatchContainer>(all.Count);
        for (var i = 0; i < all.Count; i++)
        {
            var through = i + 1 < all.Count ? all[i + 1].Position - 1 : entries[^1].Position;
            batches.Add(all[i].Builder.Build(through, epoch));
        }

        return batches;
    }

    private OrganizationBatch Build(long deliveredThrough, string epoch) => new(
        StreamId.Create(OrderStreams.Namespace, organizationId), position, new OrderEventBatch([.. _events]))
    {
        DeliveredThrough = deliveredThrough,
        Epoch = epoch,
    };
}
