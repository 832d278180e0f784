using Orleans.Streams;

namespace OrdersActors.Streaming;

/// <summary>
/// What a pulling agent has read from a partition and not yet delivered.
/// </summary>
/// <remarks>
/// Orleans' own simple cache keeps one list for all streams, and every cursor walks over every other stream's batches;
/// it also takes ten containers a read. Here each stream has its own list, so a cursor touches only what it delivers,
/// however many organizations share the partition. A batch may go when every cursor of its stream has moved past it,
/// and batches leave in the order in which they came, so the checkpoint never passes something undelivered.
/// It is bounded in events and in bytes. At either bound the agent stops reading until some are delivered. The last
/// read may go past the bound in bytes: a read of the log ends at about one million characters of details.
/// The agent calls from its own scheduler, one call at a time: no locks.
/// </remarks>
internal sealed class PartitionCache(int maxEvents, long maxBytes) : IQueueCache
{
    private readonly Dictionary<StreamId, StreamQueue> _streams = [];
    private readonly Queue<LinkedListNode<OrganizationBatch>> _arrivals = [];
    private int _events;
    private long _bytes;

    /// <summary>
    /// How many more events fit, and never none: the agent takes none for a reason to do nothing at all, and would never ask again
    /// what may go (<see cref="TryPurgeFromCache"/>). That it must not read it learns from <see cref="IsUnderPressure"/>, which it asks after that.
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
    /// A cursor at the stream's oldest waiting batch, or at the first that is not older than the token. A token older than
    /// everything here is no error: the consumer heals by number.
    /// </summary>
    public IQueueCacheCursor GetCacheCursor(StreamId streamId, StreamSequenceToken? token) =>
        new StreamCursor(StreamOf(streamId), token is null ? 0 : token.SequenceNumber, Forget);

    private StreamQueue StreamOf(StreamId streamId)
    {
        if (!_streams.TryGetValue(streamId, out var stream))
        {
            _streams.Add(streamId, stream = new StreamQueue(streamId));
        }

        return stream;
    }

    private void Forget(StreamQueue stream)
    {
        if (stream.IsEmpty)
        {
            _streams.Remove(stream.Id);
        }
    }
}
