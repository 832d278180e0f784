namespace OrdersActors.Client.Feeds;

/// <summary>One reader of a feed and its position. Guarded by the lock of <see cref="FeedTable"/>.</summary>
internal sealed class Watch(Feed feed, WatchStart start, int maxBytes)
{
    // The position in an ended history, until the server has said where the new one begins.
    private long? _endedAt;

    public Feed Feed => feed;

    public WatchStart Start => start;

    public WatchBuffer Buffer { get; } = new(maxBytes);

    /// <summary>
    /// The number of the last event that was put into the buffer or is not due; null as long as only the server knows
    /// where the watch begins.
    /// </summary>
    public long? Seen { get; set; } = start.Position?.Number;

    /// <summary>The history that <see cref="Seen"/> belongs to; null if it is not known.</summary>
    public string? Epoch { get; set; } = start.Position?.Epoch;

    /// <summary>
    /// Whether its buffer was full for too long. It gets no events until its reader has emptied the buffer.
    /// </summary>
    public bool IsDetached { get; set; }

    public void Deliver(OrderUpdate update, long number, int size)
    {
        Buffer.Add(new WatchItem(update, null, size));
        Seen = number;
    }

    /// <summary>The server has confirmed: finds out where the watch begins, and notes a gap.</summary>
    /// <param name="confirmation">The confirmation.</param>
    /// <param name="first">The number before the first event that the server sends.</param>
    public void Begin(Confirmation confirmation, long first)
    {
        var (isResumed, newest, epoch) = (confirmation.IsResumed, confirmation.Newest, confirmation.Epoch);
        if (Seen is not { } seen)
        {
            var wanted = Math.Max(0, newest - start.Newest);
            Seen = isResumed ? wanted : Math.Max(wanted, first);
        }
        else if (_endedAt is null && ((Epoch is not null && Epoch != epoch) || seen > newest))
        {
            // The waiting events belong to the ended history, and the gap says to drop what was had.
            Buffer.Clear();
            _endedAt = seen;
            Seen = 0;
        }

        if (_endedAt is { } ended && (!isResumed || first == 0))
        {
            Note(new OrderGap(feed.OrderId, ended + 1, first + 1, true, new EventPosition(first, epoch)));
            _endedAt = null;
        }
        else if (_endedAt is null && !isResumed && first > Seen)
        {
            Note(new OrderGap(feed.OrderId, Seen.Value + 1, first + 1, false, new EventPosition(first, epoch)));
        }

        // With a position of the ended history, the next request is for everything that is kept.
        Epoch = _endedAt is null ? epoch : null;
    }

    private void Note(OrderGap gap)
    {
        Buffer.Add(new WatchItem(null, gap, 0));
        Seen = gap.Next.Number;
    }
}

/// <summary>The content of a confirmation.</summary>
/// <param name="IsResumed">Whether all requested events are kept.</param>
/// <param name="Earliest">The first number that comes; only if not resumed.</param>
/// <param name="Epoch">The history.</param>
/// <param name="Newest">The newest number of the history.</param>
internal readonly record struct Confirmation(bool IsResumed, long Earliest, string? Epoch, long Newest);
