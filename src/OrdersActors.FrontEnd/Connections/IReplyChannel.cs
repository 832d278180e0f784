namespace OrdersActors.FrontEnd.Connections;

/// <summary>The part of a connection that the handlers of its requests use. May be called from any thread.</summary>
internal interface IReplyChannel
{
    /// <summary>
    /// Whether the connection is closing. Then replies are dropped, and further work for the connection is useless.
    /// </summary>
    bool IsClosing { get; }

    /// <summary>Sends a reply after all frames that were sent before.</summary>
    void Reply(byte[] frame);

    /// <summary>Begins to close, once.</summary>
    void Close(CloseReason reason);
}
