using System.Buffers;
using System.Buffers.Binary;
using System.Text.Unicode;

namespace OrdersActors.FrontEnd.Connections;

/// <summary>
/// Reads whole messages from a client, and enforces RFC 6455 on what it sends.
/// </summary>
/// <remarks>
/// <code>
///   frame ──► 1 header: allowed? ──► 2 control: answer ──────────────────────► next frame
///                                └─► 3 data: unmask, check, collect ──► 4 last frame? ──► message
/// </code>
/// <list type="number">
/// <item>A frame is refused as soon as its header is there: 1002 for what the RFC forbids, 1003 for binary, 1009 if the message would be
/// longer than allowed.</item>
/// <item>A control frame may come between the frames of a message.</item>
/// <item>Text must be UTF-8, and is refused (1007) at the first byte that cannot be right.</item>
/// <item>A message that lies in one frame and one read is handed over without a copy.</item>
/// </list>
/// At most one message of the allowed length and one buffer of the frame reader are in memory, and nothing while the client is silent.
/// </remarks>
/// <param name="frames">The frames.</param>
/// <param name="maxBytes">The longest message, in bytes.</param>
/// <param name="sink">The receiver of messages.</param>
internal sealed class MessageReader(FrameReader frames, int maxBytes, IMessageSink sink)
{
    /// <summary>Most continuation frames without content in one message. They carry nothing, so no client needs them.</summary>
    public const int MaxEmptyContinuations = 16;

    private const int MaxControlPayload = 125;

    // Only used for messages in several pieces.
    private byte[]? _message;
    private int _length;
    private int _emptyContinuations;
    private bool _isFragmented;
    private Utf8Validator _utf8;

    /// <summary>
    /// Reads until the client closes. Returns the status of its close frame, 1005 if it named none; null if the transport ended.
    /// </summary>
    /// <exception cref="UnacceptableMessageException">The client sent what ends the connection.</exception>
    public async Task<ushort?> RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (await frames.ReadHeaderAsync(cancellationToken) is { } header)
            {
                // 1.
                Check(header);
                if (!header.IsControl)
                {
                    await ReadDataAsync(header, cancellationToken);
                }
                else if (await ReadControlAsync(header, cancellationToken) is { } status)
                {
                    return status;
                }
            }

            return null;
        }
        finally
        {
            Release();
        }
    }

    /// <summary>
    /// Reads on and discards everything until the client has answered a close, or the transport ends. Closing a socket with unread
    /// data would reset it, and the client would never see the reason.
    /// </summary>
    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        while (await frames.ReadHeaderAsync(cancellationToken) is { } header && header.Opcode != Opcode.Close)
        {
            for (var read = 0L; read < header.Length;)
            {
                var piece = await frames.ReadPayloadAsync(header, read, cancellationToken);
                if (piece.IsEmpty)
                {
                    return;
                }

                read += piece.Length;
            }
        }
    }

    private void Check(FrameHeader header)
    {
        var isContinuation = header.Opcode == Opcode.Continuation;
        if (FindViolation(header, isContinuation) is { } violation)
        {
            throw new UnacceptableMessageException(CloseReason.ProtocolViolation(violation));
        }

        if (header.Opcode == Opcode.Binary)
        {
            throw new UnacceptableMessageException(CloseReason.BinaryMessage);
        }

        if (!header.IsControl && _length + header.Length > maxBytes)
        {
            throw new UnacceptableMessageException(CloseReason.MessageTooBig(maxBytes));
        }

        if (isContinuation && header.Length == 0 && !header.IsFinal && ++_emptyContinuations > MaxEmptyContinuations)
        {
            throw new UnacceptableMessageException(CloseReason.TooManyMessages);
        }
    }

    private string? FindViolation(FrameHeader header, bool isContinuation) =>
        header.Reserved != 0 ? "a reserved bit is set, and no extension was negotiated"
        : !Enum.IsDefined(header.Opcode) ? "the opcode is reserved"
        : !header.IsMasked ? "a client's frame must be masked"
        : header.Length < 0 || !header.IsShortest ? "the length must be written in its shortest form"
        : header.IsControl && !header.IsFinal ? "a control frame must not be fragmented"
        : header.IsControl && header.Length > MaxControlPayload ? "a control frame must have at most 125 bytes"
        : isContinuation && !_isFragmented ? "a continuation must follow a frame that begins a message"
        : !header.IsControl && !isContinuation && _isFragmented ? "a message must end before the next one begins"
        : null;

    // 2. The status if it was a close.
    private async Task<ushort?> ReadControlAsync(FrameHeader header, CancellationToken cancellationToken)
    {
        var payload = new byte[header.Length];
        for (var read = 0; read < payload.Length;)
        {
            var piece = await frames.ReadPayloadAsync(header, read, cancellationToken);
            if (piece.IsEmpty)
            {
                return null;
            }

            piece.CopyTo(payload.AsMemory(read));
            read += piece.Length;
        }

        if (header.Opcode == Opcode.Close)
        {
            return StatusOf(payload);
        }

        if (sink.OnFrame() && header.Opcode == Opcode.Ping)
        {
            sink.OnPing(payload);
        }

        return null;
    }

    // 3.
    private async Task ReadDataAsync(FrameHeader header, CancellationToken cancellationToken)
    {
        if (header.Opcode == Opcode.Continuation)
        {
            sink.OnFrame();
        }

        _isFragmented = !header.IsFinal;
        for (var read = 0L; read < header.Length;)
        {
            var piece = await frames.ReadPayloadAsync(header, read, cancellationToken);
            if (piece.IsEmpty)
            {
                return;
            }

            read += piece.Length;
            if (!_utf8.TryAdd(piece.Span))
            {
                throw new UnacceptableMessageException(CloseReason.InvalidUtf8);
            }

            if (_length == 0 && header.IsFinal && read == header.Length)
            {
                await EndAsync(piece);
                return;
            }

            Collect(piece.Span);
        }

        if (header.IsFinal)
        {
            await EndAsync(_message.AsMemory(0, _length));
        }
    }

    // 4.
    private async Task EndAsync(ReadOnlyMemory<byte> text)
    {
        if (!_utf8.IsComplete)
        {
            throw new UnacceptableMessageException(CloseReason.InvalidUtf8);
        }

        try
        {
            await sink.OnMessageAsync(text);
        }
        finally
        {
            Release();
        }
    }

    private void Collect(ReadOnlySpan<byte> piece)
    {
        if (_message is null || _message.Length < _length + piece.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Min(Math.Max(_length + piece.Length, 2 * _length), maxBytes));
            _message.AsSpan(0, _length).CopyTo(larger);
            if (_message is not null)
            {
                ArrayPool<byte>.Shared.Return(_message);
            }

            _message = larger;
        }

        piece.CopyTo(_message.AsSpan(_length));
        _length += piece.Length;
    }

    private void Release()
    {
        if (_message is not null)
        {
            ArrayPool<byte>.Shared.Return(_message);
        }

        (_message, _length, _emptyContinuations, _utf8) = (null, 0, 0, default);
    }

    private static ushort StatusOf(byte[] payload)
    {
        if (payload.Length == 0)
        {
            return CloseStatus.None;
        }

        var status = payload.Length >= 2 ? BinaryPrimitives.ReadUInt16BigEndian(payload) : (ushort)0;
        if (!CloseStatus.MayBeSent(status))
        {
            throw new UnacceptableMessageException(CloseReason.ProtocolViolation("the close status is not one that may be sent"));
        }

        return Utf8.IsValid(payload.AsSpan(2)) ? status : throw new UnacceptableMessageException(CloseReason.InvalidUtf8);
    }
}

/// <summary>The client sent what its connection does not survive.</summary>
internal sealed class UnacceptableMessageException(CloseReason reason) : Exception(reason.Message)
{
    public CloseReason Reason => reason;
}
