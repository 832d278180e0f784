using Microsoft.Extensions.Logging;
using OrdersActors.Cluster.Appends;
using OrdersActors.Storage;
using Orleans.Streams;

namespace OrdersActors.Streaming.Queue;

/// <summary>
/// The queue adapter over the log: items put on a stream inside a silo are appended by the route of all appends, and
/// each partition is a queue.
/// </summary>
internal sealed class EventLogAdapter(
    string name, IEventLog log, AppendRoute route, OrderStreamOptions options, TimeProvider time,
    ILoggerFactory loggers) : IQueueAdapter
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
        foreach (var batch in OrderStreamItems.CheckBatches(streamId.GetNamespace(), organizationId, events))
        {
            PublishedBatch.Answer(events, await route.AppendAsync(organizationId, batch));
        }
    }

    public IQueueAdapterReceiver CreateReceiver(QueueId queueId) => new PartitionReceiver(
        PartitionQueueMapper.PartitionOf(queueId), log, options, time, loggers.CreateLogger<PartitionReceiver>());
}
