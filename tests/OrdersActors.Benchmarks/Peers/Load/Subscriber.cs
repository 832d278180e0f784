using System.Buffers.Binary;
using System.Buffers.Text;
using System.Diagnostics;
using System.IO.Compression;
using System.Text;

namespace OrdersActors.Benchmarks.Peers.Load;

/// <summary>
/// One client connection: it connects, authenticates, subscribes to an order, and then reports its events. Used by one
/// thread.
/// </summary>
/// <param name="dialect">The messages of the peer.</param>
/// <param name="topic">The number of the order.</param>
/// <param name="sink">Called with the due time of each event and the time of its arrival.</param>
internal sealed class Subscriber(Dialect dialect, int topic, Action<long, long> sink)
{
    private const int Final = 0x80;
    private const int Compressed = 0x40;
    private const int OpcodeMask = 0x0F;
    private const int CloseFrame = 8;
    private const int PingFrame = 9;
    private const int PongFrame = 10;

    private int _socket = -1;
    private bool _isUpgraded;

    // The bytes after the last complete frame, and after the last complete message of a peer with a terminator.
    private byte[] _rest = [];
    private byte[] _pending = [];

    /// <summary>Whether the subscription is confirmed.</summary>
    public bool IsReady { get; private set; }

    /// <summary>The socket; -1 before the start and after the stop.</summary>
    public int Socket => _socket;

    /// <summary>The number of the order.</summary>
    public int Topic => topic;

    /// <summary>Connects and sends the upgrade.</summary>
    /// <param name="port">The server's port.</param>
    /// <param name="buffer">The size of the receive buffer in bytes; null for the kernel's choice.</param>
    public void Start(int port, int? buffer = null)
    {
        _socket = Native.Connect(port, buffer);
        Native.Send(_socket, dialect.Upgrade());
    }

    public void Stop()
    {
        if (_socket >= 0)
        {
            Native.Reset(_socket);
            _socket = -1;
        }
    }

    /// <summary>Reads what has arrived. Returns the number of bytes.</summary>
    /// <param name="buffer">Shared by all connections.</param>
    /// <exception cref="InvalidOperationException">The server refused or closed.</exception>
    public int Read(byte[] buffer)
    {
        _rest.CopyTo(buffer, 0);
        if (Native.Receive(_socket, buffer.AsSpan(_rest.Length)) is not { } received)
        {
            return 0;
        }

        var bytes = buffer.AsSpan(0, _rest.Length + received);
        if (received == 0)
        {
            throw new InvalidOperationException($"The server ended a connection: {Encoding.UTF8.GetString(bytes)}");
        }

        var arrived = Stopwatch.GetTimestamp();
        var left = _isUpgraded ? bytes : ReadUpgrade(bytes);
        while (_isUpgraded && TryReadFrame(ref left, arrived))
        {
        }

        _rest = left.IsEmpty ? [] : left.ToArray();
        return received;
    }

    private Span<byte> ReadUpgrade(Span<byte> bytes)
    {
        var end = bytes.IndexOf("\r\n\r\n"u8);
        if (end < 0)
        {
            return bytes;
        }

        if (!bytes.StartsWith("HTTP/1.1 101"u8))
        {
            throw new InvalidOperationException($"The server refused: {Encoding.UTF8.GetString(bytes)}");
        }

        _isUpgraded = true;
        Native.Send(_socket, dialect.Requests(topic));
        return bytes[(end + 4)..];
    }

    private bool TryReadFrame(ref Span<byte> bytes, long arrived)
    {
        if (bytes.Length < 2)
        {
            return false;
        }

        var (length, header) = ((bytes[1] & 0x7F), 2);
        if (length >= 126)
        {
            header = length == 126 ? 4 : 10;
            if (bytes.Length < header)
            {
                return false;
            }

            length = header == 4
                ? BinaryPrimitives.ReadUInt16BigEndian(bytes[2..])
                : (int)BinaryPrimitives.ReadUInt64BigEndian(bytes[2..]);
        }

        if (bytes.Length < header + length)
        {
            return false;
        }

        OnFrame(bytes[0], bytes.Slice(header, length), arrived);
        bytes = bytes[(header + length)..];
        return true;
    }

    private void OnFrame(byte first, ReadOnlySpan<byte> payload, long arrived)
    {
        switch (first & OpcodeMask)
        {
            case PingFrame:
                Native.Send(_socket, Dialect.PongFrame(payload));
                break;
            case PongFrame:
                break;
            case CloseFrame:
                throw new InvalidOperationException(
                    $"The server closed a connection: {Encoding.UTF8.GetString(payload)}");
            default:
                if (dialect.Terminator is { } terminator)
                {
                    OnPart(payload, terminator, arrived);
                }
                else if ((first & Final) == 0)
                {
                    throw new InvalidOperationException("A message has several frames.");
                }
                else
                {
                    OnMessage((first & Compressed) == 0 ? payload : Inflate(payload), arrived);
                }

                break;
        }
    }

    private static byte[] Inflate(ReadOnlySpan<byte> payload)
    {
        using var content = new DeflateStream(
            new MemoryStream([.. payload, 0x00, 0x00, 0xFF, 0xFF]), CompressionMode.Decompress);
        using var message = new MemoryStream();
        content.CopyTo(message);
        return message.ToArray();
    }

    // A frame may have several messages, and a message several frames.
    private void OnPart(ReadOnlySpan<byte> part, byte terminator, long arrived)
    {
        for (var end = part.IndexOf(terminator); end >= 0; end = part.IndexOf(terminator))
        {
            OnMessage(_pending.Length == 0 ? part[..end] : [.. _pending, .. part[..end]], arrived);
            _pending = [];
            part = part[(end + 1)..];
        }

        if (!part.IsEmpty)
        {
            _pending = [.. _pending, .. part];
        }
    }

    private void OnMessage(ReadOnlySpan<byte> message, long arrived)
    {
        var field = message.LastIndexOf(EventPayload.DueField);
        if (field >= 0)
        {
            dialect.OnEvent(message);
            var number = message[(field + EventPayload.DueField.Length)..];
            sink(Utf8Parser.TryParse(number, out long due, out _) ? due : throw Unexpected(message), arrived);
        }
        else if (IsReady)
        {
            if (dialect.Answer(message) is { } answer)
            {
                Native.Send(_socket, answer);
            }
        }
        else if (dialect.IsRefusal(message))
        {
            throw Unexpected(message);
        }
        else
        {
            IsReady = dialect.IsConfirmation(message);
        }
    }

    private static InvalidOperationException Unexpected(ReadOnlySpan<byte> message) =>
        new($"The server sent: {Encoding.UTF8.GetString(message)}");
}
