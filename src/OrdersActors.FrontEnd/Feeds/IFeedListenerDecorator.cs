namespace OrdersActors.FrontEnd.Feeds;

/// <summary>
/// Puts a listener in front of every listener that joins a feed. The product registers none. Tests register one to show
/// that events that are lost, repeated or reordered between a feed and a connection are recovered.
/// </summary>
internal interface IFeedListenerDecorator
{
    /// <summary>Returns the listener that joins instead of the given one.</summary>
    IFeedListener Decorate(IFeedListener listener);
}
