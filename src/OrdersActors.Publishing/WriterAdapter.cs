using Orleans.Streams;

namespace OrdersActors.Publishing;

/// <summary>Sends what is put on a stream to a silo's writer. Returns when it is committed.</summary>
internal sealed class WriterAdapter(string name, IGrainFactory grains) : IQueueAdapter
{
    public string Name => name;

    public bool IsRewindable => false;

    public StreamProviderDirection Direction => StreamProviderDirection.WriteOnly;

    public async Task QueueMessageBatchAsync<T>(
        StreamId streamId, IEnumerable<T> events, StreamSequenceToken? token, Dictionary<string, object>? requestContext)
    {
        var organizationId = streamId.GetKeyAsString();
        var items = OrderStreamItems.Check(streamId.GetNamespace(), organizationId, events);
        var writer = grains.GetGrain<IEventWriterGrain>(0);
        foreach (var batch in items.Chunk(OrderEventRules.MaxBatch))
        {
            await writer.Append(organizationId, batch);
        }
    }

    public IQueueAdapterReceiver CreateReceiver(QueueId queueId) =>
        throw new NotSupportedException("A client does not read the order streams; it connects to /ws.");
}
