using Microsoft.Extensions.Logging;
using OrdersActors.Storage;
using Orleans.Streams;

namespace OrdersActors.Streaming;

/// <summary>
/// The queue adapter over the log: items put on a stream are appended to the log, and each partition is a queue.
/// </summary>
internal sealed class EventLogAdapter(
    string name, IEventLog log, OrderStreamOptions options, TimeProvider time, ILoggerFactory loggers) : IQueueAdapter
{
    public string Name => name;

    /// <summary>False: consumers read older events from the log by number, not by rewinding the stream.</summary>
    public bool IsRewindable => false;

    public StreamProviderDirection Direction => StreamProviderDirection.ReadWrite;

    public async Task QueueMessageBatchAsync<T>(
        StreamId streamId,
        IEnumerable<T> events,
        StreamSequenceToken? token,
        Dictionary<string, object>? requestContext)
    {
        var organizationId = streamId.GetKeyAsString();
        var items = OrderStreamItems.Check(streamId.GetNamespace(), organizationId, events);
        foreach (var batch in items.Chunk(OrderEventRules.MaxBatch))
        {
            await log.AppendAsync(organizationId, batch);
        }
    }

    public IQueueAdapterReceiver CreateReceiver(QueueId queueId) => new PartitionReceiver(
        PartitionQueueMapper.PartitionOf(queueId), log, options, time, loggers.CreateLogger<PartitionReceiver>());
}
