using System.Buffers.Binary;
using System.IO.Compression;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using OrdersActors.TestServer.Contract;

namespace OrdersActors.EndToEndTests.Protocol;

/// <summary>A WebSocket client at the byte level, for input that a well-behaved library cannot send.</summary>
internal sealed class RawWebSocket : IDisposable
{
    public const string NormalKey = "dGhlIHNhbXBsZSBub25jZQ==";

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);

    private readonly TcpClient _tcp = new();

    public NetworkStream Stream => _tcp.GetStream();

    /// <summary>The number of compressed frames that were read.</summary>
    public int CompressedFrames { get; private set; }

    public static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>Sends a request and returns the head of the answer.</summary>
    public async Task<string> RequestAsync(Uri address, string request)
    {
        await ConnectAsync(address);
        return await RequestAsync(Encoding.ASCII.GetBytes(request));
    }

    /// <summary>
    /// Sends a request, optionally followed by other bytes, on an open connection. Returns the head of the answer.
    /// </summary>
    public async Task<string> RequestAsync(byte[] request)
    {
        await Stream.WriteAsync(request, Stop);
        return await ReadHeadAsync();
    }

    public async Task ConnectAsync(Uri address) => await _tcp.ConnectAsync(address.Host, address.Port, Stop);

    public async Task<string> ReadHeadAsync()
    {
        var head = new StringBuilder();
        var one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal)
            && await Stream.ReadAsync(one, Stop).AsTask().WaitAsync(Timeout) > 0)
        {
            head.Append((char)one[0]);
        }

        return head.ToString();
    }

    /// <summary>Everything received until the server ends the transport.</summary>
    public async Task<string> ReadToEndAsync()
    {
        using var text = new StreamReader(Stream, Encoding.UTF8, leaveOpen: true);
        return await text.ReadToEndAsync(Stop).WaitAsync(Timeout);
    }

    public Task<string> UpgradeAsync(Uri address) => RequestAsync(address, Upgrade());

    public static string Upgrade(
        string upgrade = "websocket", string connection = "Upgrade", string? key = NormalKey, string version = "13",
        string http = "1.1", string more = "") =>
        $"GET /ws HTTP/{http}\r\nHost: localhost\r\nUpgrade: {upgrade}\r\nConnection: {connection}\r\n"
        + (key is null ? "" : $"Sec-WebSocket-Key: {key}\r\n") + $"Sec-WebSocket-Version: {version}\r\n{more}\r\n";

    /// <summary>Sends a masked frame.</summary>
    public Task SendAsync(byte opcode, byte[] payload, bool final = true) =>
        SendBytesAsync(Frame((byte)((final ? 0x80 : 0) | opcode), payload));

    public Task SendAsync(string text) => SendAsync(1, Encoding.UTF8.GetBytes(text));

    public async Task SendBytesAsync(byte[] bytes) => await Stream.WriteAsync(bytes, Stop);

    /// <summary>A masked frame with the given first byte.</summary>
    public static byte[] Frame(byte first, params byte[] payload)
    {
        byte[] mask = [0x12, 0x34, 0x56, 0x78];
        return [.. Header(first, payload.Length), .. mask, .. payload.Select((b, i) => (byte)(b ^ mask[i % 4]))];
    }

    /// <summary>The bytes of a frame before its mask.</summary>
    public static byte[] Header(byte first, long length)
    {
        var eight = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(eight, length);
        return length switch
        {
            < 126 => [first, (byte)(0x80 | length)],
            <= ushort.MaxValue => [first, 0x80 | 126, .. eight[6..]],
            _ => [first, 0x80 | 127, .. eight],
        };
    }

    /// <summary>The payload of a compressed message.</summary>
    public static byte[] Deflate(byte[] content)
    {
        using var output = new MemoryStream();
        using var deflate = new DeflateStream(output, CompressionLevel.Optimal);
        deflate.Write(content);
        deflate.Flush();
        return output.ToArray()[..^4];
    }

    /// <summary>Reads one frame, inflated if it is compressed; returns null at the end of the transport.</summary>
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

            else if (length == 127)
            {
                length = (int)BinaryPrimitives.ReadInt64BigEndian(await ReadAsync(8));
            }

            Assert.Equal(0, header[1] & 0x80);
            var (opcode, payload) = (header[0] & 0xf, await ReadAsync(length));
            if ((header[0] & 0x40) != 0)
            {
                CompressedFrames++;
                payload = Inflate(payload);
            }

            if (opcode == 1)
            {
                Validate(payload);
            }

            return (opcode, payload);
        }
        catch (Exception e) when (e is EndOfStreamException or IOException)
        {
            return null;
        }
    }

    /// <summary>Reads one text message.</summary>
    public async Task<string> ReadTextAsync()
    {
        var frame = await ReadAsync();
        Assert.Equal(1, frame!.Value.Opcode);
        return Encoding.UTF8.GetString(frame.Value.Payload);
    }

    /// <summary>
    /// Reads up to the error that announces a close, and the close frame. Returns the error's code and the close
    /// status.
    /// </summary>
    public async Task<(string Code, int Status)> ReadClosingAsync()
    {
        var last = "";
        while (true)
        {
            var frame = await ReadAsync();
            Assert.True(frame is not null, "the transport ended without a close frame");
            switch (frame.Value.Opcode)
            {
                case 1:
                    last = Encoding.UTF8.GetString(frame.Value.Payload);
                    break;
                case 8:
                    using (var json = JsonDocument.Parse(last))
                    {
                        var code = json.RootElement.GetProperty("data").GetProperty("code").GetString()!;
                        return (code, BinaryPrimitives.ReadUInt16BigEndian(frame.Value.Payload));
                    }
            }
        }
    }

    public void Dispose() => _tcp.Dispose();

    private static byte[] Inflate(byte[] payload)
    {
        using var content = new DeflateStream(
            new MemoryStream([.. payload, 0x00, 0x00, 0xFF, 0xFF]), CompressionMode.Decompress);
        using var inflated = new MemoryStream();
        content.CopyTo(inflated);
        return inflated.ToArray();
    }

    /// <summary>Validates a message of the server. Tests send wrong messages here on purpose.</summary>
    private static void Validate(byte[] payload)
    {
        using var json = JsonDocument.Parse(payload);
        Assert.Null(MessageSchemas.Current.ProblemOfReply(json.RootElement));
    }

    private async Task<byte[]> ReadAsync(int count)
    {
        var bytes = new byte[count];
        await Stream.ReadExactlyAsync(bytes, Stop).AsTask().WaitAsync(Timeout);
        return bytes;
    }
}
