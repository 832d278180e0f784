using System.Net;
using System.Net.Sockets;
using OrdersActors.FrontEnd.Transport;

namespace OrdersActors.Tests.FrontEnd.Transport;

public sealed class SocketOutputTests : IAsyncLifetime
{
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromSeconds(30);

    private Socket _server = null!;
    private Socket _client = null!;

    public async ValueTask InitializeAsync()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        _client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
        {
            ReceiveBufferSize = 4096,
        };
        await _client.ConnectAsync(listener.LocalEndPoint!);
        _server = await listener.AcceptAsync();
        _server.SendBufferSize = 4096;
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        _server.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Slow_reader_gets_every_byte_in_order_although_most_sends_are_partial()
    {
        var output = SocketOutput.TryCreate(_server)!;
        var queue = new OutboundQueue(output, 64 * 1024 * 1024, e => throw e);
        var random = new Random(1);
        var frames = Enumerable.Range(0, 200).Select(_ => new byte[random.Next(1, 40_000)]).ToArray();
        Array.ForEach(frames, random.NextBytes);
        var reading = ReadAsync(frames.Sum(frame => frame.Length));
        Assert.All(frames, frame => Assert.True(queue.TryEnqueue(frame)));
        Assert.True(await queue.CompleteAsync(WaitTimeout, TimeProvider.System));
        Assert.Equal(frames.SelectMany(frame => frame), await reading);
    }

    [Fact]
    public void Frame_that_fits_is_sent_before_the_call_returns()
    {
        var output = SocketOutput.TryCreate(_server)!;
        var queue = new OutboundQueue(output, 1000, e => throw e);
        Assert.True(queue.TryEnqueue([1, 2, 3]));
        Assert.Equal(3, _client.Available);
    }

    [Fact]
    public async Task Failed_socket_is_reported_by_the_next_write()
    {
        var output = SocketOutput.TryCreate(_server)!;
        _server.Dispose();
        Assert.Null(SocketOutput.TryCreate(_server));
        Assert.Equal(0, output.TrySend([1]));
        await Assert.ThrowsAnyAsync<Exception>(async () => await output.WriteAsync(new byte[] { 1 }));
    }

    private async Task<byte[]> ReadAsync(int count)
    {
        var bytes = new byte[count];
        for (var read = 0; read < count;)
        {
            var size = Math.Min(1000 + (read % 5000), count - read);
            read += await _client.ReceiveAsync(bytes.AsMemory(read, size), SocketFlags.None);
        }

        return bytes;
    }
}
