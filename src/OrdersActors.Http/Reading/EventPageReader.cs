using OrdersActors.FrontEnd.Protocol;

namespace OrdersActors.Http.Reading;

/// <summary>Reads pages of a feed with the meaning that <c>after</c> and <c>epoch</c> have on <c>/ws</c>.</summary>
internal sealed class EventPageReader(LogReader log)
{
    // Between the two reads, retention may remove events, or the epoch may change. Neither happens often.
    private const int Attempts = 3;

    /// <exception cref="Problems.ProblemException">
    /// There is no such order, the number is beyond the newest event, or the log cannot be read.
    /// </exception>
    public async Task<EventPage> ReadAsync(FeedKey feed, PageQuery query, CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var bounds = await log.GetBoundsAsync(feed, cancellationToken);
            var start = new ResumePoint(query.After, null, query.Epoch).In(bounds)
                ?? throw ReadProblems.BeyondNewest(query.After, bounds);
            if (start.Position >= bounds.Last)
            {
                return new EventPage(feed, start, []);
            }

            var events = await log.ReadAsync(feed, start.Position, query.Limit, cancellationToken);
            if (events.Length > 0 && Array.TrueForAll(events, e => IsSame(e.Epoch, bounds.Epoch)))
            {
                var first = feed.NumberOf(events[0]);
                return new EventPage(
                    feed, first == start.Position + 1 ? start : new ResumedFrom(first - 1, first, bounds), events);
            }
        }

        throw ReadProblems.Unavailable();
    }

    /// <summary>Returns an order's newest event.</summary>
    /// <exception cref="Problems.ProblemException">There is none, or the log cannot be read.</exception>
    public async Task<EncodedOrderEvent> ReadNewestAsync(FeedKey order, CancellationToken cancellationToken)
    {
        var bounds = await log.GetBoundsAsync(order, cancellationToken);
        if (bounds.Earliest > bounds.Last)
        {
            throw ReadProblems.NoEventKept();
        }

        var events = await log.ReadAsync(order, bounds.Last - 1, 1, cancellationToken);
        // Retention may have removed it just now, or the epoch has changed.
        return events is [var newest] ? newest : throw ReadProblems.Unavailable();
    }

    // A silo of a previous version sends no epoch.
    private static bool IsSame(string? one, string? other) => one is null || other is null || one == other;
}
