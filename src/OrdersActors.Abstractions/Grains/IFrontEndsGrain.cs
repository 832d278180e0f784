namespace OrdersActors;

/// <summary>
/// Knows the front ends of the cluster, so that an operator's command finds them through any gateway. There is one such
/// grain; its key is 0.
/// </summary>
/// <remarks>
/// A front end registers as a lease of <see cref="Deadlines.FrontEndLease"/> and renews it every
/// <see cref="Deadlines.FrontEndRenewal"/>. The leases are in the grain's memory. If its silo dies, all front ends are
/// known again after one renewal. The silos of a previous version do not know this grain.
/// </remarks>
[Alias("OrdersActors.IFrontEndsGrain")]
internal interface IFrontEndsGrain : IGrainWithIntegerKey
{
    /// <summary>Registers a front end, or renews its lease.</summary>
    /// <param name="name">The name of the front end for operators, unique in the cluster.</param>
    /// <param name="observer">The front end.</param>
    [Alias("Register"), ResponseTimeout(Deadlines.StatusCall)]
    Task Register(string name, IFrontEndObserver observer);

    /// <summary>Ends a lease. Does nothing if it does not exist.</summary>
    [Alias("Unregister"), ResponseTimeout(Deadlines.StatusCall)]
    Task Unregister(string name);

    /// <summary>
    /// Asks all front ends for the connections that pass a filter. Returns at most <paramref name="limit"/> in all.
    /// A front end that does not answer is named with the reason.
    /// </summary>
    /// <param name="filter">The filter.</param>
    /// <param name="limit">1 to 1,000.</param>
    [Alias("ListConnections"), ResponseTimeout(Deadlines.FrontEndsCall)]
    Task<FrontEndAnswers> ListConnections(ConnectionFilter filter, int limit);

    /// <summary>
    /// Asks all front ends for their summaries. A front end that does not answer is named with the reason.
    /// </summary>
    [Alias("Summarize"), ResponseTimeout(Deadlines.FrontEndsCall)]
    Task<FrontEndSummaries> Summarize();

    /// <summary>
    /// Makes all front ends close the connections that pass a filter. A front end that does not answer is named with
    /// the reason; it may have closed some.
    /// </summary>
    [Alias("Disconnect"), ResponseTimeout(Deadlines.FrontEndsCall)]
    Task<FrontEndAnswers> Disconnect(ConnectionFilter filter);
}
