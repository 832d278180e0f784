using Orleans.Streams;

namespace OrdersActors.Publishing.Streams;

/// <summary>
/// Sends the events of a stream to a writer grain in a silo. A call returns when the events are committed.
/// </summary>
/// <remarks>
/// <b>Frozen silos.</b> Orleans assigns a gateway to each grain in turn and keeps using it as long as its connection is
/// open. A frozen silo keeps its connections open, so calls through it time out. All writer grains are equivalent. So
/// if one does not answer, the adapter switches to the next one, which is likely to have another gateway. It keeps that
/// writer as long as it answers. The caller retries under the same event ids.
/// </remarks>
internal sealed class WriterAdapter(string name, IGrainFactory grains, TimeProvider time) : IQueueAdapter
{
    // Few, because each has an activation in every silo that receives its calls. Enough for some to be assigned to
    // another gateway.
    private const int Writers = 16;

    private readonly StoreCall _store = new(time);

    // The writer in use. Any thread that publishes reads it and may switch it, with atomic operations.
    private int _writer;

    public string Name => name;

    public bool IsRewindable => false;

    public StreamProviderDirection Direction => StreamProviderDirection.WriteOnly;

    public async Task QueueMessageBatchAsync<T>(
        StreamId streamId, IEnumerable<T> events, StreamSequenceToken? token,
        Dictionary<string, object>? requestContext)
    {
        var organizationId = streamId.GetKeyAsString();
        foreach (var batch in OrderStreamItems.CheckBatches(streamId.GetNamespace(), organizationId, events))
        {
            await AppendAsync(organizationId, events, batch);
        }
    }

    public IQueueAdapterReceiver CreateReceiver(QueueId queueId) =>
        throw new NotSupportedException("A client does not read the order streams; it connects to /ws.");

    private async Task AppendAsync<T>(string organizationId, IEnumerable<T> items, OrderStatusEvent[] events)
    {
        var writer = Volatile.Read(ref _writer);
        try
        {
            var grain = grains.Find<IEventWriterGrain>(writer);
            EventTraces.Send();
            if (items is PublishedBatch)
            {
                PublishedBatch.Answer(items, await _store.StoreAsync(grain, organizationId, events));
            }
            else
            {
                await grain.Append(organizationId, events);
            }
        }
        catch (Exception e) when (e is TimeoutException or OrleansException)
        {
            // Concurrent failures of the same writer switch only once.
            Interlocked.CompareExchange(ref _writer, (writer + 1) % Writers, writer);
            throw;
        }
    }
}
