namespace OrdersActors.FrontEnd.Feeds;

/// <summary>
/// Gets the events of one feed. Every call comes under the lock of the listener's group, so the calls of one listener
/// come one at a time and in order. A listener may take a connection's lock, but must not wait for anything else.
/// </summary>
internal interface IFeedListener
{
    /// <summary>The listener has joined. It gets every event after <paramref name="last"/>.</summary>
    /// <param name="membership">The listener's place in the feed.</param>
    /// <param name="last">The number of the last event that the feed passed on before.</param>
    void OnJoined(IFeedMembership membership, long last);

    /// <summary>The feed passes on an event.</summary>
    void OnEvent(EventFrame frame);

    /// <summary>The feed passes on several events.</summary>
    void OnEvents(FrameBatch batch)
    {
        foreach (var frame in batch.Frames)
        {
            OnEvent(frame);
        }
    }

    /// <summary>
    /// The feed has passed on every event up to this number. A listener that is behind has missed events.
    /// </summary>
    void OnLast(long last);

    /// <summary>
    /// The grain has denied to renew the feed's registration: the log no longer has the order. No event comes any more.
    /// </summary>
    void OnDenied();
}
