namespace OrdersActors.FrontEnd.Connections;

/// <summary>What a request's handler needs of its connection. Callable from anywhere.</summary>
internal interface IReplyChannel
{
    /// <summary>
    /// Whether the connection is ending: replies go nowhere, and work for it has no purpose any more.
    /// </summary>
    bool IsClosing { get; }

    /// <summary>Sends a reply after everything that was sent before.</summary>
    void Reply(byte[] frame);

    /// <summary>Begins to close, once.</summary>
    void Close(CloseReason reason);
}
