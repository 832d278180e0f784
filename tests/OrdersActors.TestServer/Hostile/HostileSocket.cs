using System.Net.Sockets;
using System.Text;

namespace OrdersActors.TestServer.Hostile;

/// <summary>A client that sends arbitrary bytes and does not have to read.</summary>
public sealed class HostileSocket : IDisposable
{
    private const int SmallBuffer = 4096;

    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _buffer = new byte[SmallBuffer];

    /// <summary>
    /// Connects and sends nothing. Its receive window is small, so that unread data stays with the server.
    /// </summary>
    public static async Task<HostileSocket> ConnectAsync(Uri address, CancellationToken stop)
    {
        var client = new HostileSocket();
        client._socket.ReceiveBufferSize = SmallBuffer;
        try
        {
            await client._socket.ConnectAsync(address.Host, address.Port, stop);
            return client;
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    /// <summary>Connects and performs the handshake.</summary>
    public static async Task<HostileSocket> OpenAsync(Uri address, CancellationToken stop)
    {
        var client = await ConnectAsync(address, stop);
        try
        {
            await client.SendAsync(Encoding.ASCII.GetBytes(Handshake), stop);
            await client.ReadAsync(stop);
            return client;
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    /// <summary>A correct handshake.</summary>
    public static string Handshake =>
        "GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

    /// <summary>A frame with the given first byte, masked with zeros.</summary>
    public static byte[] Frame(byte first, params byte[] payload) =>
    [
        first, .. payload.Length < 126
            ? [(byte)(0x80 | payload.Length)]
            : new[] { (byte)0xFE, (byte)(payload.Length >> 8), (byte)payload.Length },
        0, 0, 0, 0, .. payload,
    ];

    /// <summary>Sends bytes; waits while the server does not accept them.</summary>
    public async Task SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken stop)
    {
        while (bytes.Length > 0)
        {
            bytes = bytes[await _socket.SendAsync(bytes, stop)..];
        }
    }

    /// <summary>Sends a text message.</summary>
    public Task SendAsync(string text, CancellationToken stop) =>
        SendAsync(Frame(0x81, Encoding.UTF8.GetBytes(text)), stop);

    /// <summary>Waits for data and discards it.</summary>
    /// <exception cref="EndOfStreamException">The server has ended the connection.</exception>
    public async Task ReadAsync(CancellationToken stop)
    {
        if (await _socket.ReceiveAsync(_buffer.AsMemory(), stop) == 0)
        {
            throw new EndOfStreamException();
        }
    }

    /// <summary>Reads and discards data until the server ends the connection.</summary>
    public async Task ReadToEndAsync(CancellationToken stop)
    {
        while (await _socket.ReceiveAsync(_buffer.AsMemory(), stop) > 0)
        {
        }
    }

    public void Dispose() => _socket.Dispose();
}
