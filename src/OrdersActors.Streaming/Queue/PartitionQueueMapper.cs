using OrdersActors.Storage;
using Orleans.Streams;

namespace OrdersActors.Streaming;

/// <summary>One queue per partition of the log; an organization's stream is in its partition's queue.</summary>
internal sealed class PartitionQueueMapper : IConsistentRingStreamQueueMapper
{
    private readonly IEventLog _log;
    private readonly QueueId[] _queues;

    public PartitionQueueMapper(IEventLog log, string providerName)
    {
        _log = log;
        // Spread evenly over the ring, so that the balancer gives every silo its share.
        var step = uint.MaxValue / (uint)log.PartitionCount;
        _queues = [.. Enumerable.Range(0, log.PartitionCount)
            .Select(i => QueueId.GetQueueId(providerName, (uint)i, ((uint)i * step) + (step / 2)))];
    }

    public static int PartitionOf(QueueId queue) => (int)queue.GetNumericId();

    public IEnumerable<QueueId> GetAllQueues() => _queues;

    public QueueId GetQueueForStream(StreamId streamId) => _queues[_log.PartitionOf(streamId.GetKeyAsString())];

    public IEnumerable<QueueId> GetQueuesForRange(IRingRange range) =>
        _queues.Where(queue => range.InRange(queue.GetUniformHashCode()));
}
