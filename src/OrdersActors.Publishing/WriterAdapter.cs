using Orleans.Streams;

namespace OrdersActors.Publishing;

/// <summary>Sends what is put on a stream to a silo's writer. Returns when it is committed.</summary>
/// <remarks>
/// <b>A silo that stands still</b> keeps its connections, so Orleans goes on sending it what it once sent there: it chooses a gateway
/// for each grain, in turn, and stays with it. All writers do the same, so whenever one does not answer, the next one is taken,
/// which most likely is at another gateway, and is kept as long as it answers. Whoever called tries again under the same ids.
/// </remarks>
internal sealed class WriterAdapter(string name, IGrainFactory grains) : IQueueAdapter
{
    // Few, because each is a grain at every silo that was asked for it; many enough that some are elsewhere, however chance has it.
    private const int Writers = 16;

    private int _writer;

    public string Name => name;

    public bool IsRewindable => false;

    public StreamProviderDirection Direction => StreamProviderDirection.WriteOnly;

    public async Task QueueMessageBatchAsync<T>(
        StreamId streamId, IEnumerable<T> events, StreamSequenceToken? token, Dictionary<string, object>? requestContext)
    {
        var organizationId = streamId.GetKeyAsString();
        var items = OrderStreamItems.Check(streamId.GetNamespace(), organizationId, events);
        foreach (var batch in items.Chunk(OrderEventRules.MaxBatch))
        {
            await AppendAsync(organizationId, batch);
        }
    }

    public IQueueAdapterReceiver CreateReceiver(QueueId queueId) =>
        throw new NotSupportedException("A client does not read the order streams; it connects to /ws.");

    private async Task AppendAsync(string organizationId, OrderStatusEvent[] events)
    {
        var writer = Volatile.Read(ref _writer);
        try
        {
            await grains.GetGrain<IEventWriterGrain>(writer).Append(organizationId, events);
        }
        catch (Exception e) when (e is TimeoutException or OrleansException)
        {
            // Once for all that failed together.
            Interlocked.CompareExchange(ref _writer, (writer + 1) % Writers, writer);
            throw;
        }
    }
}
