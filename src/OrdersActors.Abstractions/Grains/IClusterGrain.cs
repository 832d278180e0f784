namespace OrdersActors;

/// <summary>
/// What front ends want to know of the cluster. A stateless worker: a front end inside a silo asks its own, another one the silo at
/// its gateway.
/// </summary>
[Alias("OrdersActors.IClusterGrain")]
public interface IClusterGrain : IGrainWithIntegerKey
{
    /// <summary>
    /// The silos that are alive as far as this one knows, each named so that one that was started again is another one.
    /// </summary>
    [Alias("GetSilos"), ResponseTimeout("00:00:03")]
    Task<string[]> GetSilos();

    /// <summary>
    /// Whether this silo reaches the event log. A probe finds out once a second, so the answer is immediate also while the log does
    /// not answer. A silo of a previous version does not know this call.
    /// </summary>
    [Alias("IsLogAvailable"), ResponseTimeout("00:00:03")]
    Task<bool> IsLogAvailable();

    /// <summary>
    /// The epoch of the log. A silo of a previous version does not know this method and the call fails: the epoch is
    /// then unknown.
    /// </summary>
    /// <param name="known">
    /// The epoch that the caller follows, or null. If this silo has another one and has never had this one, it may be
    /// behind: it waits up to two seconds for its own log to follow before it answers.
    /// </param>
    [Alias("GetEpoch"), ResponseTimeout("00:00:05")]
    Task<string> GetEpoch(string? known);

    /// <summary>
    /// A front end reports that the head of a feed is behind an event that the front end has passed on. The silo reads
    /// the log again and begins a new epoch if that is true. Does nothing if the log is in another epoch already.
    /// </summary>
    /// <param name="feed">The feed.</param>
    /// <param name="epoch">The epoch in which the event was passed on.</param>
    /// <param name="number">The number of the event.</param>
    [Alias("ReportBehind"), ResponseTimeout("00:00:10")]
    Task ReportBehind(FeedKey feed, string epoch, long number);
}
