namespace OrdersActors.FrontEnd.Protocol;

/// <summary>
/// The point from which a client wants a feed: after a number that it knows, with the newest few events, or from now
/// on.
/// </summary>
/// <param name="After">The number after which it wants all events; null if it gave no number.</param>
/// <param name="Last">
/// The number of newest events that it wants; null if it gave no such number. Never given together with
/// <paramref name="After"/>.
/// </param>
/// <param name="Epoch">
/// The epoch to which the client's number belongs; null if it gave no epoch. An epoch alone requests the events from
/// now on, unless history was rewritten.
/// </param>
internal sealed record ResumePoint(long? After, int? Last, string? Epoch = null)
{
    /// <summary>
    /// Largest <c>last</c>: a screen of events. A client that wants more has a number after which it can resume.
    /// </summary>
    public const int MaxLast = 100;

    /// <summary>
    /// Returns where sending begins, given the events that can be read. Returns null if the client's number is beyond
    /// the newest event and the client gave no epoch. Its cursor then belongs to another log, and sending "the events
    /// after it" would silently be wrong.
    /// </summary>
    /// <remarks>
    /// A number of another epoch, or beyond the newest event of its own epoch, has no meaning here: the client gets
    /// every event that is kept. A silo of a previous version sends no epoch; then only the number is compared.
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

/// <summary>The point at which a resumed subscription begins.</summary>
/// <param name="Position">The number after which every event is sent.</param>
/// <param name="Earliest">
/// The first number that is sent, if some requested events are no longer kept or history was rewritten; else null.
/// </param>
/// <param name="Bounds">The bounds of the feed in the log at that moment.</param>
internal sealed record ResumedFrom(long Position, long? Earliest, FeedBounds Bounds);
