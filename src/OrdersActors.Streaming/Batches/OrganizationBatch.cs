using Orleans.Providers.Streams.Common;
using Orleans.Streams;
using OrdersActors.Storage.EventLog;

namespace OrdersActors.Streaming.Batches;

/// <summary>
/// The events of one organization from one read of a partition, in the form that Orleans delivers to the consumer.
/// </summary>
[GenerateSerializer, Immutable, Alias("OrdersActors.Streaming.OrganizationBatch")]
internal sealed class OrganizationBatch(StreamId streamId, long position, OrderEventBatch batch) : IBatchContainer
{
    [Id(0)] public StreamId StreamId { get; } = streamId;

    /// <summary>
    /// The place in the agent's cache: the partition position of the first event plus an offset. The offset keeps
    /// places ascending when the log begins a new epoch and its positions decrease.
    /// </summary>
    [Id(1)] public long Position { get; } = position;

    [Id(2)] public OrderEventBatch Batch { get; } = batch;

    /// <summary>
    /// When this batch and all batches before it are delivered, every event up to this partition position is delivered.
    /// Used only by the receiver that made the batch.
    /// </summary>
    [field: NonSerialized] public long DeliveredThrough { get; set; }

    /// <summary>
    /// The epoch of <see cref="DeliveredThrough"/>. Used only by the receiver that made the batch.
    /// </summary>
    [field: NonSerialized] public string? Epoch { get; init; }

    /// <summary>
    /// The approximate memory that the events take. Known only in the process that made the batch, which also has the
    /// cache.
    /// </summary>
    [field: NonSerialized] public long Bytes { get; } = SizeOf(batch);

    public StreamSequenceToken SequenceToken => new EventSequenceTokenV2(Position);

    public IEnumerable<Tuple<T, StreamSequenceToken>> GetEvents<T>()
    {
        var token = SequenceToken;
        if (typeof(T) == typeof(OrderEventBatch))
        {
            return [Tuple.Create((T)(object)Batch, token)];
        }

        // For additional consumers of the stream that take one event at a time.
        return Batch.Events.OfType<T>().Select(e => Tuple.Create(e, token));
    }

    public bool ImportRequestContext() => false;

    private static long SizeOf(OrderEventBatch batch)
    {
        long bytes = 0;
        foreach (var e in batch.Events)
        {
            bytes += EventSize.Of(e);
        }

        return bytes;
    }
}
