namespace OrdersActors.FrontEnd.Subscriptions;

/// <summary>From where a client wants a feed: past a number it knows, or the newest few.</summary>
/// <param name="After">Everything past this number; null where <paramref name="Last"/> is given.</param>
/// <param name="Last">This many of the newest; null where <paramref name="After"/> is given.</param>
internal sealed record ResumePoint(long? After, int? Last)
{
    /// <summary>Most events that <c>last</c> may ask for: a screen of them. Who wants more has a number to go on from.</summary>
    public const int MaxLast = 100;

    /// <summary>
    /// Where the sending begins, given what can be read. Null where the client knows a number that was never given away: its
    /// cursor is of another log than this, and to send it "what comes after" would be wrong in silence.
    /// </summary>
    public ResumedFrom? In(FeedBounds bounds)
    {
        var wanted = After ?? Math.Max(0, bounds.Last - Last!.Value);
        if (wanted > bounds.Last)
        {
            return null;
        }

        return wanted < bounds.Earliest - 1
            ? new ResumedFrom(bounds.Earliest - 1, bounds.Earliest)
            : new ResumedFrom(wanted, null);
    }
}

/// <summary>Where a resumed subscription begins.</summary>
/// <param name="Position">The number past which everything is sent.</param>
/// <param name="Earliest">Where a part of what was asked for is no longer kept, the first number that is; else null.</param>
internal sealed record ResumedFrom(long Position, long? Earliest);
