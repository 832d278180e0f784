namespace OrdersActors.FrontEnd.Subscriptions;

/// <summary>From where a client wants a feed: past a number it knows, or the newest few, or from now on.</summary>
/// <param name="After">Everything past this number; null if it gave none.</param>
/// <param name="Last">
/// This many of the newest events; null if it gave none. Never given together with <paramref name="After"/>.
/// </param>
/// <param name="Epoch">
/// The epoch that the client's number belongs to; null if it gave none. Alone it asks for what comes from now on,
/// unless history was rewritten.
/// </param>
internal sealed record ResumePoint(long? After, int? Last, string? Epoch = null)
{
    /// <summary>Largest <c>last</c>: a screen of events. A client that wants more has a number to go on from.</summary>
    public const int MaxLast = 100;

    /// <summary>
    /// Where the sending begins, given what can be read. Null if the client knows a number that was never given away
    /// and does not say of which epoch: its cursor is of another log than this one, and to send it "what comes after"
    /// would be wrong in silence.
    /// </summary>
    /// <remarks>
    /// A number of another epoch, or past the newest event of its own one, means nothing here: the client is sent
    /// everything that is kept. A previous version of the silo sends no epoch; then only the number is compared.
    /// </remarks>
    public ResumedFrom? In(FeedBounds bounds)
    {
        var wanted = After ?? Math.Max(0, bounds.Last - (Last ?? 0));
        var isOfOtherHistory = Epoch is not null
            && (wanted > bounds.Last || (bounds.Epoch is not null && bounds.Epoch != Epoch));
        if (!isOfOtherHistory && wanted > bounds.Last)
        {
            return null;
        }

        return isOfOtherHistory || wanted < bounds.Earliest - 1
            ? new ResumedFrom(bounds.Earliest - 1, bounds.Earliest, bounds)
            : new ResumedFrom(wanted, null, bounds);
    }
}

/// <summary>Where a resumed subscription begins.</summary>
/// <param name="Position">The number past which everything is sent.</param>
/// <param name="Earliest">
/// The first number that is sent, if a part of what was asked for is no longer kept or history was rewritten; else
/// null.
/// </param>
/// <param name="Bounds">What the log had of the feed at that moment.</param>
internal sealed record ResumedFrom(long Position, long? Earliest, FeedBounds Bounds);
