using OrdersActors.Storage;
using Orleans.Streams;

namespace OrdersActors.Streaming.Queue;

/// <summary>
/// Maps one queue to each partition of the log; an organization's stream is in its partition's queue.
/// </summary>
internal sealed class PartitionQueueMapper : IStreamQueueMapper
{
    private readonly IEventLog _log;
    private readonly QueueId[] _queues;

    public PartitionQueueMapper(IEventLog log, string providerName)
    {
        _log = log;
        // The last number is a position on Orleans' ring, which this provider does not use.
        _queues =
        [
            .. Enumerable.Range(0, log.PartitionCount).Select(i => QueueId.GetQueueId(providerName, (uint)i, (uint)i))
        ];
    }

    public static int PartitionOf(QueueId queue) => (int)queue.GetNumericId();

    public IEnumerable<QueueId> GetAllQueues() => _queues;

    public QueueId GetQueueForStream(StreamId streamId) => _queues[_log.PartitionOf(streamId.GetKeyAsString())];
}
