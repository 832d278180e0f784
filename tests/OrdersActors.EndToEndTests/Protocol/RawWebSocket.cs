using System.Net.Sockets;
using System.Text;

namespace OrdersActors.EndToEndTests.Protocol;

/// <summary>A WebSocket down at its bytes, for what a well-behaved library does not let a client do.</summary>
internal sealed class RawWebSocket : IDisposable
{
    private readonly TcpClient _tcp = new();

    public NetworkStream Stream => _tcp.GetStream();

    /// <summary>Sends a request and returns the answer's head.</summary>
    public async Task<string> RequestAsync(Uri address, string request)
    {
        await _tcp.ConnectAsync(address.Host, address.Port, TestContext.Current.CancellationToken);
        await Stream.WriteAsync(Encoding.ASCII.GetBytes(request), TestContext.Current.CancellationToken);
        var head = new StringBuilder();
        var one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal)
            && await Stream.ReadAsync(one, TestContext.Current.CancellationToken) > 0)
        {
            head.Append((char)one[0]);
        }

        return head.ToString();
    }

    public Task<string> UpgradeAsync(Uri address) => RequestAsync(address, Upgrade());

    public static string Upgrade(
        string upgrade = "websocket", string connection = "Upgrade", string? key = "dGhlIHNhbXBsZSBub25jZQ==", string version = "13") =>
        $"GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: {upgrade}\r\nConnection: {connection}\r\n"
        + (key is null ? "" : $"Sec-WebSocket-Key: {key}\r\n") + $"Sec-WebSocket-Version: {version}\r\n\r\n";

    /// <summary>Sends a masked frame.</summary>
    public async Task SendAsync(byte opcode, byte[] payload, bool final = true)
    {
        var frame = new List<byte> { (byte)((final ? 0x80 : 0) | opcode) };
        if (payload.Length < 126)
        {
            frame.Add((byte)(0x80 | payload.Length));
        }
        else
        {
            frame.AddRange([0x80 | 126, (byte)(payload.Length >> 8), (byte)payload.Length]);
        }

        frame.AddRange([0, 0, 0, 0]);
        frame.AddRange(payload);
        await Stream.WriteAsync(frame.ToArray(), TestContext.Current.CancellationToken);
    }

    /// <summary>Reads one frame; null at the end of the transport.</summary>
    public async Task<(int Opcode, byte[] Payload)?> ReadAsync()
    {
        try
        {
            var header = await ReadAsync(2);
            var length = header[1] & 0x7f;
            if (length == 126)
            {
                var extended = await ReadAsync(2);
                length = (extended[0] << 8) | extended[1];
            }

            Assert.Equal(0, header[1] & 0x80);
            return (header[0] & 0xf, await ReadAsync(length));
        }
        catch (Exception e) when (e is EndOfStreamException or IOException)
        {
            return null;
        }
    }

    public void Dispose() => _tcp.Dispose();

    private async Task<byte[]> ReadAsync(int count)
    {
        var bytes = new byte[count];
        await Stream.ReadExactlyAsync(bytes, TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(60));
        return bytes;
    }
}
