namespace OrdersActors.FrontEnd.Connections.Framing;

/// <summary>
/// What a connection does with what its client sends. Called by the connection's reader only, one call at a time.
/// </summary>
internal interface IFrameHandler
{
    /// <summary>A whole message. The bytes are valid until the call has completed.</summary>
    Task OnMessageAsync(ReadOnlyMemory<byte> utf8);

    /// <summary>A further frame of a message that is not whole yet.</summary>
    void OnContinuation();

    /// <summary>A ping. The bytes are valid during the call.</summary>
    void OnPing(ReadOnlySpan<byte> payload);

    /// <summary>A pong, asked for or not.</summary>
    void OnPong();
}
