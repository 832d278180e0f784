using System.Net.Sockets;
using OrdersActors.FrontEnd.Transport;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.FrontEnd.Transport;

public sealed class UpgradedSocketTests : IAsyncLifetime
{
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromSeconds(30);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private Socket _server = null!;
    private Socket _client = null!;

    public async ValueTask InitializeAsync()
    {
        (_client, _server) = await LoopbackConnection.PairAsync(receiveBuffer: 4096);
        _server.SendBufferSize = 4096;
        _server.Blocking = false;
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
        using var socket = new UpgradedSocket(new SocketReceiver(_server));
        var queue = new OutboundQueue(socket, 64 * 1024 * 1024, e => throw e);
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
        using var socket = new UpgradedSocket(new SocketReceiver(_server));
        var queue = new OutboundQueue(socket, 1000, e => throw e);
        Assert.True(queue.TryEnqueue([1, 2, 3]));
        Assert.Equal(3, _client.Available);
    }

    [Fact]
    public async Task Failed_socket_is_reported_by_the_next_write()
    {
        using var socket = new UpgradedSocket(new SocketReceiver(_server));
        socket.Abort();
        Assert.Equal(0, socket.TrySend([1]));
        await Assert.ThrowsAsync<SocketException>(async () => await socket.WriteAsync(new byte[] { 1 }));
    }

    [Fact]
    public async Task Abort_ends_a_pending_read_and_a_pending_write()
    {
        using var socket = new UpgradedSocket(new SocketReceiver(_server));
        var reading = socket.ReadAsync(Memory<byte>.Empty, Cancelled).AsTask();
        var writing = socket.WriteAsync(new byte[10_000_000]).AsTask();
        Assert.False(reading.IsCompleted || writing.IsCompleted);
        socket.Abort();
        Assert.Equal(0, await reading.WaitAsync(WaitTimeout, Cancelled));
        await Assert.ThrowsAsync<SocketException>(() => writing.WaitAsync(WaitTimeout, Cancelled));
    }

    [Fact]
    public async Task Nothing_is_read_after_an_abort_although_the_client_has_sent_it()
    {
        using var socket = new UpgradedSocket(new SocketReceiver(_server));
        await _client.SendAsync(new byte[1000], SocketFlags.None, Cancelled);
        Assert.Single(await ReadAsync(socket, 1));
        socket.Abort();
        Assert.Empty(await ReadAsync(socket, 1));
    }

    [Fact]
    public async Task Bytes_that_http_has_read_come_first()
    {
        using var socket = new UpgradedSocket(new SocketReceiver(_server));
        socket.SetEarly([1, 2, 3]);
        await _client.SendAsync(new byte[] { 4 }, SocketFlags.None, Cancelled);
        Assert.Equal(0, await socket.ReadAsync(Memory<byte>.Empty, Cancelled));
        Assert.Equal([1, 2], await ReadAsync(socket, 2));
        Assert.Equal([3], await ReadAsync(socket, 2));
        Assert.Equal([4], await ReadAsync(socket, 2));
    }

    [Fact]
    public async Task Client_gets_the_end_after_all_bytes_when_the_socket_is_closed()
    {
        using (var socket = new UpgradedSocket(new SocketReceiver(_server)))
        {
            Assert.Equal(2, socket.TrySend([1, 2]));
        }

        Assert.Equal([1, 2], await ReadAsync(2));
        Assert.Equal(0, await _client.ReceiveAsync(new byte[1], SocketFlags.None, Cancelled));
        UpgradedSocket.Abort(_server);
    }

    private static async Task<byte[]> ReadAsync(UpgradedSocket socket, int most)
    {
        var bytes = new byte[most];
        return bytes[..await socket.ReadAsync(bytes, Cancelled)];
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
