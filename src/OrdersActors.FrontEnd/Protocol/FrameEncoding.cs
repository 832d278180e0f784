namespace OrdersActors.FrontEnd.Protocol;

/// <summary>The form in which a client gets its messages.</summary>
internal enum FrameEncoding
{
    /// <summary>WebSocket frames.</summary>
    WebSocket,

    /// <summary>Server-sent events.</summary>
    ServerSent,
}
