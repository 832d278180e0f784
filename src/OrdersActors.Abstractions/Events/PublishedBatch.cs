using System.Collections;

namespace OrdersActors;

/// <summary>
/// The events of one call of the publishing library, and the place for its answer. An Orleans stream returns nothing to
/// its producer. But the producer passes the batch to the queue adapter as it is: the same object, in the same process.
/// So the adapter puts the answer into the batch.
/// </summary>
/// <remarks>
/// <para>A service that uses the plain stream passes other collections. Then there is no place for an answer, and the
/// adapter drops it.</para>
/// A batch is for one attempt. A retry needs a new one, because an abandoned attempt may still get an answer.
/// </remarks>
/// <param name="events">
/// The events, at most <see cref="OrderEventRules.MaxBatch"/>, so that one append stores all of them.
/// </param>
internal sealed class PublishedBatch(OrderStatusEvent[] events) : IEnumerable<OrderStatusEvent>
{
    // The adapter sets it before its call ends, and the caller reads it after that. So it needs no fence.
    private PublishedEvent[]? _stored;

    /// <summary>What was stored, in the order of the events.</summary>
    /// <exception cref="InvalidOperationException">
    /// The stream's provider has no adapter of this product, so nothing is known of the events.
    /// </exception>
    public PublishedEvent[] Stored => _stored ?? throw new InvalidOperationException(
        $"The stream provider '{OrderStreams.ProviderName}' does not report what it stored. It must be the one that "
        + "AddOrderStreams adds.");

    /// <summary>Puts the answer into the batch, if the items of a stream are one.</summary>
    public static void Answer<T>(IEnumerable<T> items, PublishedEvent[] stored)
    {
        if (items is PublishedBatch batch)
        {
            batch._stored = stored;
        }
    }

    public IEnumerator<OrderStatusEvent> GetEnumerator() => ((IEnumerable<OrderStatusEvent>)events).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
