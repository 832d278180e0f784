namespace OrdersActors.FrontEnd.Transport;

/// <summary>Handles the frames of a client. Called only by the connection's reader, one call at a time.</summary>
internal interface IFrameHandler
{
    /// <summary>A whole message. The bytes are valid until the call has completed.</summary>
    Task OnMessageAsync(ReadOnlyMemory<byte> utf8);

    /// <summary>A frame that continues a message.</summary>
    void OnContinuation();

    /// <summary>A ping. The bytes are valid during the call.</summary>
    void OnPing(ReadOnlySpan<byte> payload);

    /// <summary>A pong, whether it answers a ping or not.</summary>
    void OnPong();
}
