namespace OrdersActors.FrontEnd.Feeds;

/// <summary>
/// One history of the log as this front end follows it: its epoch, and whether it has ended. When the log's epoch
/// changes, the history ends and another one replaces it (<see cref="FeedHub"/>).
/// </summary>
/// <remarks>
/// <para>Events, pages, answers and connections belong to one history and are never used in another one:</para>
/// <list type="bullet">
/// <item>A connection takes the history that is current at its first request and keeps it. If that history has ended,
/// the connection's requests fail and it is closed. So a confirmation with one epoch is never followed by events of
/// another one.</item>
/// <item>A feed begins only if the answer to its registration has its history's epoch. It drops events of any other
/// epoch.</item>
/// <item>Notifications that are in progress when a history ends reach its own observers, which drop them.</item>
/// </list>
/// A history begins without an epoch and takes the first one that it gets. Silos of a previous version do not send
/// epochs; then none is compared. Thread-safe.
/// </remarks>
/// <param name="epoch">The epoch; null if it is not known yet.</param>
/// <param name="otherEpoch">Set when numbers of another epoch have arrived.</param>
internal sealed class FeedHistory(string? epoch, OtherEpochSignal otherEpoch)
{
    private volatile string? _epoch = epoch;
    private volatile bool _hasEnded;

    /// <summary>The epoch; null until it is known.</summary>
    public string? Epoch => _epoch;

    /// <summary>Whether another history has replaced this one.</summary>
    public bool HasEnded => _hasEnded;

    /// <summary>
    /// Returns whether numbers of this epoch belong to this history. If not, the front end polls whether the epoch has
    /// changed.
    /// </summary>
    public bool Accepts(string? epoch)
    {
        var own = _epoch;
        if (epoch is null || epoch == own || (own is null && TryTake(epoch)))
        {
            return true;
        }

        otherEpoch.Set();
        return false;
    }

    /// <summary>Fails if the history has ended or numbers of this epoch do not belong to it.</summary>
    /// <exception cref="EventLogUnavailableException">The history has ended, or the epoch is another one.</exception>
    public void Require(string? epoch)
    {
        if (_hasEnded || !Accepts(epoch))
        {
            throw new EventLogUnavailableException(
                "the event log is unavailable: its history was rewritten; connect again and resume");
        }
    }

    /// <summary>Sets the epoch if it is not known yet. Returns false if the history has another epoch.</summary>
    public bool TryTake(string epoch) => (Interlocked.CompareExchange(ref _epoch, epoch, null) ?? epoch) == epoch;

    /// <summary>Ends the history. The feeds are ended after that (<see cref="FeedTable.EndAsync"/>).</summary>
    public void End() => _hasEnded = true;
}
