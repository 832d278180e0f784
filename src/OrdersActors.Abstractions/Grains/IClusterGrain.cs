namespace OrdersActors;

/// <summary>
/// Answers the front ends' questions about the cluster. It is a stateless worker: a front end inside a silo asks its
/// own silo, any other front end asks the silo at its gateway.
/// </summary>
[Alias("OrdersActors.IClusterGrain")]
public interface IClusterGrain : IGrainWithIntegerKey
{
    /// <summary>
    /// The silos that are alive from this silo's point of view. A silo that was restarted has another name than before.
    /// </summary>
    [Alias("GetSilos"), ResponseTimeout(Deadlines.StatusCall)]
    Task<string[]> GetSilos();

    /// <summary>
    /// Whether this silo reaches the event log. A probe checks once per second, so the answer is immediate even if the
    /// log hangs. A silo of a previous version does not know this method.
    /// </summary>
    [Alias("IsLogAvailable"), ResponseTimeout(Deadlines.StatusCall)]
    Task<bool> IsLogAvailable();

    /// <summary>
    /// The epoch of the log. A silo of a previous version does not know this method, so the call fails and the epoch is
    /// unknown.
    /// </summary>
    /// <param name="known">
    /// The epoch that the caller follows, or null. If this silo has another epoch and has never had this one, its view
    /// may be stale. It then waits up to two seconds for its own log to follow before it answers.
    /// </param>
    [Alias("GetEpoch"), ResponseTimeout(Deadlines.EpochCall)]
    Task<string> GetEpoch(string? known);

    /// <summary>
    /// A front end reports that the head of a feed is behind an event that the front end has passed on. The silo reads
    /// the log again and, if the report is true, begins a new epoch. If the log is already in another epoch, nothing
    /// happens.
    /// </summary>
    /// <param name="feed">The feed.</param>
    /// <param name="epoch">The epoch in which the event was passed on.</param>
    /// <param name="number">The number of the event.</param>
    [Alias("ReportBehind"), ResponseTimeout(Deadlines.FrontEndCall)]
    Task ReportBehind(FeedKey feed, string epoch, long number);
}
