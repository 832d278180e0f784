using System.Collections;

namespace OrdersActors.Storage;

/// <summary>The events of an append as the log stores them, in the given order.</summary>
/// <param name="events">The events.</param>
/// <param name="repeats">For each event, whether the log already had it; null if all are new.</param>
public sealed class AppendedEvents(OrderEvent[] events, bool[]? repeats = null) : IReadOnlyList<OrderEvent>
{
    /// <inheritdoc/>
    public int Count => events.Length;

    /// <inheritdoc/>
    public OrderEvent this[int index] => events[index];

    /// <summary>
    /// Whether an event had already been stored under its id, by an earlier append or earlier in this one.
    /// </summary>
    public bool IsRepeat(int index) => repeats is not null && repeats[index];

    /// <summary>Replaces each event, for a log that decorates another one.</summary>
    public AppendedEvents ConvertAll(Converter<OrderEvent, OrderEvent> convert) =>
        new(Array.ConvertAll(events, convert), repeats);

    /// <summary>The answer for the publisher.</summary>
    public PublishedEvent[] ToPublished()
    {
        var published = new PublishedEvent[events.Length];
        for (var i = 0; i < published.Length; i++)
        {
            var e = events[i];
            published[i] = new PublishedEvent(e.Id, e.Version, e.Sequence, IsRepeat(i));
        }

        return published;
    }

    /// <inheritdoc/>
    public IEnumerator<OrderEvent> GetEnumerator() => ((IEnumerable<OrderEvent>)events).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
