using System.Buffers;
using System.Net.WebSockets;

namespace OrdersActors.FrontEnd.Connections;

/// <summary>
/// Reads whole messages from a client. While nothing comes it holds no buffer: it waits on an empty read, and rents one
/// only for the time of a message.
/// </summary>
internal sealed class MessageReader(WebSocket socket, int maxBytes)
{
    // Most messages are a subscribe of under 200 bytes.
    private const int FirstBuffer = 512;

    /// <summary>
    /// Reads one message and hands it over. False when the client closed.
    /// </summary>
    /// <exception cref="UnacceptableMessageException">The message is of a kind or size that ends the connection.</exception>
    /// <exception cref="WebSocketException">The transport or its framing broke.</exception>
    public async Task<bool> ReadAsync(Func<ReadOnlyMemory<byte>, Task> handle, CancellationToken cancellationToken)
    {
        var first = await socket.ReceiveAsync(Memory<byte>.Empty, cancellationToken);
        var buffer = ArrayPool<byte>.Shared.Rent(FirstBuffer);
        try
        {
            var length = 0;
            var part = first;
            while (true)
            {
                switch (part.MessageType)
                {
                    case WebSocketMessageType.Close:
                        return false;
                    case WebSocketMessageType.Binary:
                        throw new UnacceptableMessageException(CloseReason.BinaryMessage);
                }

                length += part.Count;
                if (length > maxBytes)
                {
                    throw new UnacceptableMessageException(CloseReason.MessageTooBig(maxBytes));
                }

                if (part.EndOfMessage)
                {
                    break;
                }

                if (length == buffer.Length)
                {
                    var larger = ArrayPool<byte>.Shared.Rent(Math.Min(buffer.Length * 2, maxBytes + 1));
                    buffer.AsSpan(0, length).CopyTo(larger);
                    ArrayPool<byte>.Shared.Return(buffer);
                    buffer = larger;
                }

                part = await socket.ReceiveAsync(buffer.AsMemory(length), cancellationToken);
            }

            await handle(buffer.AsMemory(0, length));
            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}

/// <summary>A message that the connection does not survive.</summary>
internal sealed class UnacceptableMessageException(CloseReason reason) : Exception(reason.Message)
{
    public CloseReason Reason => reason;
}
