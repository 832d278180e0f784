using Orleans.Providers.Streams.Common;
using Orleans.Streams;

namespace OrdersActors.Streaming;

/// <summary>
/// The events of one organization out of one read of a partition, as Orleans carries them to the consumer.
/// </summary>
[GenerateSerializer, Immutable, Alias("OrdersActors.Streaming.OrganizationBatch")]
internal sealed class OrganizationBatch(StreamId streamId, long position, OrderEventBatch batch) : IBatchContainer
{
    [Id(0)] public StreamId StreamId { get; } = streamId;

    /// <summary>
    /// The place in the agent's cache: the partition position of the first event, plus an offset that keeps places
    /// rising when the log begins a new epoch and its positions fall.
    /// </summary>
    [Id(1)] public long Position { get; } = position;

    [Id(2)] public OrderEventBatch Batch { get; } = batch;

    /// <summary>
    /// Once this batch and all before it are delivered, everything up to this partition position is. It matters only to
    /// the receiver that made the batch.
    /// </summary>
    [field: NonSerialized] public long DeliveredThrough { get; set; }

    /// <summary>The epoch of <see cref="DeliveredThrough"/>. It matters only to the receiver that made the
    /// batch.</summary>
    [field: NonSerialized] public string? Epoch { get; init; }

    /// <summary>About how much memory the events take. Known only in the process that made the batch, where the cache
    /// is.</summary>
    [field: NonSerialized] public long Bytes { get; } = SizeOf(batch);

    public StreamSequenceToken SequenceToken => new EventSequenceTokenV2(Position);

    public IEnumerable<Tuple<T, StreamSequenceToken>> GetEvents<T>()
    {
        var token = SequenceToken;
        if (typeof(T) == typeof(OrderEventBatch))
        {
            return [Tuple.Create((T)(object)Batch, token)];
        }

        // For consumers that somebody adds to the stream and that know one event at a time.
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
