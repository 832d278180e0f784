namespace OrdersActors.FrontEnd.Feeds;

/// <summary>Learns that the log's history was rewritten.</summary>
internal interface IHistoryListener
{
    /// <summary>
    /// Another history has replaced one that has ended. All connections must be closed, because the numbers that their
    /// clients have are no longer valid. A connection that is opened after that takes the new history.
    /// </summary>
    void OnHistoryRewritten();
}
