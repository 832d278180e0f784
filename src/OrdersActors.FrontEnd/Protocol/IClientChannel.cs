namespace OrdersActors.FrontEnd.Protocol;

/// <summary>
/// The way back to one client: what the handlers of its requests, its subscriptions and its catch-up use of its
/// connection. May be called from any thread, also under the locks of a feed and of the connection's subscriptions.
/// </summary>
internal interface IClientChannel
{
    /// <summary>
    /// Whether the connection is closing. Then frames are dropped, and further work for the connection is useless.
    /// </summary>
    bool IsClosing { get; }

    /// <summary>The form of all frames of this client.</summary>
    FrameEncoding Encoding => FrameEncoding.WebSocket;

    /// <summary>
    /// The longest frame, in bytes before its compression, that may be sent compressed to this client
    /// (<see cref="Transport.DeflateExtension.Window"/>); 0 if no compression was agreed on.
    /// </summary>
    int CompressionWindow => 0;

    /// <summary>
    /// Sends a frame after all frames that were sent before. If the client's queue is full, closes the connection.
    /// </summary>
    void Send(byte[] frame);

    /// <summary>Begins to close, once.</summary>
    void Close(CloseReason reason);
}
