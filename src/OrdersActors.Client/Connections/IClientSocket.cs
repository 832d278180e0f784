namespace OrdersActors.Client.Connections;

/// <summary>An open WebSocket. One reader, one writer.</summary>
internal interface IClientSocket : IAsyncDisposable
{
    /// <summary>Sends a text message.</summary>
    /// <exception cref="IOException">The connection is broken.</exception>
    ValueTask SendAsync(ReadOnlyMemory<byte> text, CancellationToken cancellationToken);

    /// <summary>Waits for the next message. Its text is valid until the next call.</summary>
    ValueTask<SocketMessage> ReceiveAsync(CancellationToken cancellationToken);
}

/// <summary>A text message, or the end of the connection.</summary>
/// <param name="Text">The message.</param>
/// <param name="CloseStatus">
/// Null for a message. The status with which the server closed; 1006 if the connection is broken.
/// </param>
internal readonly record struct SocketMessage(ReadOnlyMemory<byte> Text, int? CloseStatus = null);

/// <summary>Opens a WebSocket.</summary>
/// <exception cref="SocketRefusedException">It cannot be opened at the moment.</exception>
internal delegate Task<IClientSocket> OpenSocket(CancellationToken cancellationToken);

/// <summary>A WebSocket cannot be opened at the moment.</summary>
internal sealed class SocketRefusedException(string message, TimeSpan retryAfter, Exception inner)
    : Exception(message, inner)
{
    /// <summary>The least time until the next attempt.</summary>
    public TimeSpan RetryAfter => retryAfter;
}
