using OrdersActors.Streaming.Batches;
using Orleans.Streams;

namespace OrdersActors.Streaming.Cache;

/// <summary>
/// The events that a pulling agent has read from a partition and not yet delivered.
/// </summary>
/// <remarks>
/// Orleans' own simple cache keeps one list for all streams, so each cursor walks over the batches of all other
/// streams. It also accepts only ten containers per read. Here each stream has its own list, so a cursor touches only
/// the batches that it delivers, however many organizations share the partition. A batch can be purged when every
/// cursor of its stream has moved past it. Batches are purged in order of arrival, so the checkpoint never passes an
/// undelivered batch. The cache is bounded in events and in bytes. At either bound the agent stops reading until some
/// batches are delivered. The last read may exceed the bound in bytes: a read of the log ends at about one million
/// characters of details. The agent calls from its own scheduler, one call at a time. It also calls the cursors from
/// there. So the cache needs no locks.
/// </remarks>
internal sealed class PartitionCache(int maxEvents, long maxBytes) : IQueueCache
{
    private readonly Dictionary<StreamId, StreamQueue> _streams = [];
    private readonly Queue<LinkedListNode<OrganizationBatch>> _arrivals = [];
    private int _events;
    private long _bytes;

    /// <summary>
    /// How many more events fit, but at least 1. If the result were 0, the agent would skip its whole turn and would
    /// never call <see cref="TryPurgeFromCache"/> again, so a full cache would stay full. The agent checks
    /// <see cref="IsUnderPressure"/> after the purge and does not read if that is true.
    /// </summary>
    public int GetMaxAddCount() => Math.Max(1, maxEvents - _events);

    public bool IsUnderPressure() => _events >= maxEvents || _bytes >= maxBytes;

    public void AddToCache(IList<IBatchContainer> messages)
    {
        foreach (var message in messages)
        {
            var batch = (OrganizationBatch)message;
            _arrivals.Enqueue(StreamOf(batch.StreamId).Batches.AddLast(batch));
            _events += batch.Batch.Events.Length;
            _bytes += batch.Bytes;
        }
    }

    public bool TryPurgeFromCache(out IList<IBatchContainer> purgedItems)
    {
        purgedItems = [];
        while (_arrivals.TryPeek(out var node) && _streams[node.Value.StreamId].HasPassed(node.Value.Position))
        {
            _arrivals.Dequeue();
            var stream = _streams[node.Value.StreamId];
            stream.Batches.Remove(node);
            if (stream.IsEmpty)
            {
                _streams.Remove(node.Value.StreamId);
            }

            _events -= node.Value.Batch.Events.Length;
            _bytes -= node.Value.Bytes;
            purgedItems.Add(node.Value);
        }

        return purgedItems.Count > 0;
    }

    /// <summary>
    /// Returns a cursor at the stream's oldest waiting batch, or at the first batch that is not older than the token. A
    /// token older than every cached batch is not an error: the consumer fills the gap by number.
    /// </summary>
    public IQueueCacheCursor GetCacheCursor(StreamId streamId, StreamSequenceToken? token) =>
        new StreamCursor(StreamOf(streamId), token is null ? 0 : token.SequenceNumber, RemoveIfEmpty);

    private StreamQueue StreamOf(StreamId streamId)
    {
        if (!_streams.TryGetValue(streamId, out var stream))
        {
            _streams.Add(streamId, stream = new StreamQueue(streamId));
        }

        return stream;
    }

    private void RemoveIfEmpty(StreamQueue stream)
    {
        if (stream.IsEmpty)
        {
            _streams.Remove(stream.Id);
        }
    }
}
