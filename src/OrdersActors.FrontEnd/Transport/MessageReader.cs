namespace OrdersActors.FrontEnd.Transport;

/// <summary>
/// Reads a client's frames (RFC 6455) and assembles its messages.
/// </summary>
/// <remarks>
/// <code>
///   bytes ──► 1 header ──► 2 allowed here? ──► 3 payload ──┬► control frame: answered at once, also inside a message
///                                                          └► data: unmasked, checked, appended; 4 the final frame
///                                                             ends the message, which is inflated if compressed
/// </code>
/// <para>A frame is refused as soon as its header shows the reason, before its payload is read. A message that is not
/// UTF-8 is refused with the first byte that shows it.</para>
/// <para>While the client sends nothing, no buffer is held. If a message is unfinished, only its received bytes are
/// held, at most the maximum size of a message. The maximum applies to a compressed message twice: to the bytes that
/// are received, and to the inflated ones.</para>
/// </remarks>
internal sealed class MessageReader(
    SocketInput input, int maxBytes, IFrameHandler handler, bool acceptsCompressed = false) : IDisposable
{
    /// <summary>
    /// Most empty frames in one message. No library has a reason to send more than one or two. Without a limit, a
    /// client could cause endless work with them.
    /// </summary>
    public const int MaxEmptyFrames = 16;

    private readonly MessageBuffer _message = new(maxBytes);
    private int _emptyFrames;

    // The number of bytes of the current frame, after its header, that are not consumed.
    private long _left;

    // Whether the client's close frame has been read, even if it is invalid. No frame may follow it.
    private bool _isEnded;

    /// <summary>The status of the client's close frame; 0 before it has come.</summary>
    public ushort CloseStatus { get; private set; }

    /// <summary>Whether the client has ended its side without a close frame.</summary>
    public bool HasLeft { get; private set; }

    /// <summary>
    /// Waits until there are bytes to read or the client has ended its side. An idle connection waits here and not in
    /// <see cref="ReadAsync"/>, which would hold more memory.
    /// </summary>
    public ValueTask<int> WaitAsync() => input.WaitAsync(CancellationToken.None);

    /// <summary>
    /// Reads one frame. Returns false if the client has closed, or has ended its side between two frames.
    /// </summary>
    /// <exception cref="UnacceptableFrameException">The frame ends the connection.</exception>
    /// <exception cref="IOException">The transport ended inside a frame.</exception>
    public async ValueTask<bool> ReadAsync(CancellationToken cancellationToken)
    {
        if (await TryReadHeaderAsync(cancellationToken) is not { } header)
        {
            return false;
        }

        if (header.IsControl)
        {
            return await ReadControlAsync(header, cancellationToken);
        }

        Begin(header);
        var mask = await ReadMaskAsync(cancellationToken);
        while (_left > 0)
        {
            await input.FillAsync(1, cancellationToken);
            Append(mask, header.Length - _left);
        }

        if (header.IsFinal)
        {
            _message.Complete();
            await handler.OnMessageAsync(_message.Bytes);
            _message.Clear();
            _emptyFrames = 0;
        }

        return true;
    }

    /// <summary>
    /// Reads and drops frames until the client has closed, at most about as many bytes as the pace permits. Closing a
    /// socket with unread data would reset it, and the client would not get the reason of the close.
    /// </summary>
    /// <exception cref="UnacceptableFrameException">The client broke the framing.</exception>
    /// <exception cref="IOException">The transport ended.</exception>
    public async Task SkipAsync(DrainPace pace, CancellationToken cancellationToken)
    {
        _message.Clear();
        while (!_isEnded && pace.HasLeft)
        {
            if (_left > 0)
            {
                await input.FillAsync(1, cancellationToken);
                await pace.WaitAsync(Consume(input.Bytes.Length), cancellationToken);
                continue;
            }

            await input.WaitAsync(cancellationToken);
            if (await TryReadHeaderAsync(cancellationToken) is not { } header)
            {
                return;
            }

            _isEnded = header.Opcode == Opcode.Close;
            await pace.WaitAsync(DrainPace.BytesPerFrame, cancellationToken);
        }
    }

    /// <summary>
    /// Reads and drops bytes, without parsing them, until the client ends its side, at most about as many as the pace
    /// permits.
    /// </summary>
    /// <exception cref="IOException">The transport ended.</exception>
    public async Task DiscardAsync(DrainPace pace, CancellationToken cancellationToken)
    {
        _message.Clear();
        while (!_isEnded && pace.HasLeft)
        {
            var dropped = input.Bytes.Length;
            input.Consume(dropped);
            await pace.WaitAsync(dropped, cancellationToken);
            if (!await input.TryFillAsync(1, cancellationToken))
            {
                return;
            }
        }
    }

    public void Dispose()
    {
        _message.Dispose();
        input.Dispose();
    }

    private async ValueTask<FrameHeader?> TryReadHeaderAsync(CancellationToken cancellationToken)
    {
        if (!await input.TryFillAsync(FrameHeader.StartSize, cancellationToken))
        {
            HasLeft = true;
            return null;
        }

        var size = FrameHeader.CheckStart(input.Bytes[0], input.Bytes[1], acceptsCompressed);
        await input.FillAsync(size, cancellationToken);
        var header = FrameHeader.Parse(input.Bytes[..size]);
        input.Consume(size);
        _left = FrameHeader.MaskSize + Math.Min(header.Length, long.MaxValue - FrameHeader.MaskSize);
        return header;
    }

    private async ValueTask<uint> ReadMaskAsync(CancellationToken cancellationToken)
    {
        await input.FillAsync(FrameHeader.MaskSize, cancellationToken);
        var mask = BitConverter.ToUInt32(input.Bytes);
        Consume(FrameHeader.MaskSize);
        return mask;
    }

    /// <summary>Checks a data frame against the message that it begins or continues.</summary>
    private void Begin(FrameHeader header)
    {
        var continues = header.Opcode == Opcode.Continuation;
        if (continues != _message.IsOpen)
        {
            throw UnacceptableFrameException.Violation(
                continues
                    ? "a continuation frame came without a message to continue"
                    : "a new message began inside a message");
        }

        if (header.Opcode == Opcode.Binary)
        {
            throw UnacceptableFrameException.BinaryMessage();
        }

        if (header.Length > maxBytes - _message.Length)
        {
            throw UnacceptableFrameException.MessageTooBig(maxBytes);
        }

        if (header.Length == 0 && ++_emptyFrames > MaxEmptyFrames)
        {
            throw UnacceptableFrameException.TooManyEmptyFrames(MaxEmptyFrames);
        }

        if (continues)
        {
            handler.OnContinuation();
        }
        else
        {
            _message.Open(header.IsCompressed);
        }
    }

    private void Append(uint mask, long offset)
    {
        var part = input.Bytes[..(int)Math.Min(_left, input.Bytes.Length)];
        _message.Append(part, mask, offset);
        Consume(part.Length);
    }

    /// <summary>
    /// Consumes the available bytes of the current frame, at most <paramref name="atMost"/>, and returns their number.
    /// </summary>
    private int Consume(int atMost)
    {
        var count = (int)Math.Min(_left, atMost);
        input.Consume(count);
        _left -= count;
        return count;
    }

    private async ValueTask<bool> ReadControlAsync(FrameHeader header, CancellationToken cancellationToken)
    {
        var mask = await ReadMaskAsync(cancellationToken);
        var length = (int)header.Length;
        await input.FillAsync(length, cancellationToken);
        HandleControl(header.Opcode, mask, length);
        return header.Opcode != Opcode.Close;
    }

    private void HandleControl(Opcode opcode, uint mask, int length)
    {
        // Set before the frame is checked, because a close frame ends the input even if it is invalid.
        _isEnded = opcode == Opcode.Close;
        var payload = input.Bytes[..length];
        FrameMask.Apply(payload, mask, 0);
        switch (opcode)
        {
            case Opcode.Ping:
                handler.OnPing(payload);
                break;
            case Opcode.Pong:
                handler.OnPong();
                break;
            default:
                CloseStatus = ClosePayload.Read(payload);
                break;
        }

        Consume(length);
    }
}
