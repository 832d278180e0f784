namespace OrdersActors;

/// <summary>A front end, as operators' commands see it: they inspect and close its connections.</summary>
[Alias("OrdersActors.IFrontEndObserver")]
internal interface IFrontEndObserver : IGrainObserver
{
    /// <summary>Lists connections that pass a filter, at most <paramref name="limit"/>.</summary>
    [Alias("ListConnections"), ResponseTimeout(Deadlines.FrontEndAnswer)]
    Task<ConnectionList> ListConnections(ConnectionFilter filter, int limit);

    /// <summary>Counts the connections and the recent closes.</summary>
    [Alias("Summarize"), ResponseTimeout(Deadlines.FrontEndAnswer)]
    Task<FrontEndSummary> Summarize();

    /// <summary>
    /// Closes the connections that pass a filter with 1012. Their clients connect again and resume. Returns how many.
    /// </summary>
    [Alias("Disconnect"), ResponseTimeout(Deadlines.FrontEndAnswer)]
    Task<int> Disconnect(ConnectionFilter filter);
}
