namespace OrdersActors.Publishing.Http;

/// <summary>The events of one request.</summary>
/// <param name="Events">The events.</param>
/// <param name="Start">The index of the first one in the caller's list.</param>
/// <param name="IsAlone">Whether the caller published one event, so that errors have no index.</param>
internal sealed record EventBatch(IReadOnlyList<OrderStatusEvent> Events, int Start, bool IsAlone = false)
{
    /// <summary>Splits a list into batches that the server accepts.</summary>
    public static IEnumerable<EventBatch> Split(string organizationId, IReadOnlyList<OrderStatusEvent> events)
    {
        for (var start = 0; start < events.Count;)
        {
            var count = 0;
            var bytes = 0;
            while (start + count < events.Count && count < OrderEventRules.MaxBatch)
            {
                bytes += EventsBody.Measure(organizationId, events[start + count]);
                if (count > 0 && bytes > EventsBody.MostBytes)
                {
                    break;
                }

                count++;
            }

            yield return new EventBatch([.. events.Skip(start).Take(count)], start, events.Count == 1);
            start += count;
        }
    }

    /// <summary>Two batches of half as many events.</summary>
    public (EventBatch First, EventBatch Second) Halve()
    {
        var half = Events.Count / 2;
        return (new EventBatch([.. Events.Take(half)], Start), new EventBatch([.. Events.Skip(half)], Start + half));
    }
}
