using System.Net.Sockets;
using OrdersActors.FrontEnd.Transport;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.FrontEnd.Transport;

public sealed class SocketReceiverTests : IAsyncLifetime
{
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromSeconds(30);

    private Socket _client = null!;
    private SocketReceiver _receiver = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        (_client, var server) = await LoopbackConnection.PairAsync();
        server.Blocking = false;
        _receiver = new SocketReceiver(server);
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        UpgradedSocket.Close(_receiver);
        return ValueTask.CompletedTask;
    }

    [Theory]
    [InlineData(0)]
    [InlineData(10)]
    public async Task Receive_waits_for_bytes(int size)
    {
        var receiving = ReceiveAsync(size);
        Assert.False(receiving.IsCompleted);
        await _client.SendAsync(new byte[] { 1, 2 }, SocketFlags.None, Cancelled);
        var received = await receiving;
        Assert.Equal(size == 0 ? 0 : 2, received);
        Assert.Equal(2, received + (size == 0 ? await ReceiveAsync(10) : 0));
        Assert.Equal(SocketError.Success, _receiver.Failure);
    }

    [Fact]
    public async Task Many_small_pieces_come_complete_and_in_order()
    {
        var sending = Task.Run(async () =>
        {
            for (var i = 0; i < 5000; i++)
            {
                await _client.SendAsync(new[] { (byte)i }, SocketFlags.None, Cancelled);
            }

            _client.Shutdown(SocketShutdown.Send);
        }, Cancelled);
        List<byte> received = [];
        var buffer = new byte[7];
        while (await _receiver.ReceiveAsync(buffer, Cancelled) is var count and > 0)
        {
            received.AddRange(buffer[..count]);
            await _receiver.ReceiveAsync(Memory<byte>.Empty, Cancelled);
        }

        await sending;
        Assert.Equal(Enumerable.Range(0, 5000).Select(i => (byte)i), received);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(10)]
    public async Task Clients_end_is_no_failure(int size)
    {
        var receiving = ReceiveAsync(size);
        _client.Shutdown(SocketShutdown.Send);
        Assert.Equal(0, await receiving);
        Assert.Equal(0, await ReceiveAsync(10));
        Assert.Equal(SocketError.Success, _receiver.Failure);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(10)]
    public async Task Reset_is_a_failure_without_an_exception(int size)
    {
        var receiving = ReceiveAsync(size);
        _client.LingerState = new LingerOption(enable: true, seconds: 0);
        _client.Dispose();
        Assert.Equal(0, await receiving);
        Assert.Equal(0, await ReceiveAsync(10));
        Assert.Equal(SocketError.ConnectionReset, _receiver.Failure);
    }

    [Fact]
    public async Task Reset_is_noticed_by_the_receive_after_it()
    {
        _client.LingerState = new LingerOption(enable: true, seconds: 0);
        _client.Dispose();
        Assert.Equal(0, await ReceiveAsync(10));
        Assert.Equal(SocketError.ConnectionReset, _receiver.Failure);
    }

    [Fact]
    public async Task Cancelled_wait_loses_nothing()
    {
        for (var i = 0; i < 100; i++)
        {
            using var stop = new CancellationTokenSource();
            var waiting = _receiver.ReceiveAsync(Memory<byte>.Empty, stop.Token).AsTask();
            await stop.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.WaitAsync(WaitTimeout, Cancelled));
        }

        var receiving = ReceiveAsync(10);
        Assert.False(receiving.IsCompleted);
        await _client.SendAsync(new byte[] { 1, 2, 3 }, SocketFlags.None, Cancelled);
        Assert.Equal(3, await receiving);
    }

    [Fact]
    public async Task Wait_that_is_cancelled_while_bytes_come_ends_once()
    {
        var received = 0;
        for (var i = 0; i < 500; i++)
        {
            using var stop = new CancellationTokenSource();
            var waiting = _receiver.ReceiveAsync(Memory<byte>.Empty, stop.Token).AsTask();
            var cancelling = Task.Run(stop.Cancel, Cancelled);
            await _client.SendAsync(new byte[] { 1 }, SocketFlags.None, Cancelled);
            await Record.ExceptionAsync(() => waiting.WaitAsync(WaitTimeout, Cancelled));
            Assert.True(waiting.IsCompleted);
            await cancelling;
            while (received <= i)
            {
                received += await ReceiveAsync(10);
            }
        }

        Assert.Equal(500, received);
    }

    [Fact]
    public async Task Token_that_is_cancelled_before_ends_the_wait()
    {
        using var stop = new CancellationTokenSource();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => _receiver.ReceiveAsync(Memory<byte>.Empty, stop.Token).AsTask().WaitAsync(WaitTimeout, Cancelled));
    }

    [Fact]
    public async Task Disposing_of_the_socket_ends_a_wait()
    {
        var receiving = ReceiveAsync(10);
        _receiver.Socket.Dispose();
        Assert.Equal(0, await receiving);
        Assert.NotEqual(SocketError.Success, _receiver.Failure);
    }

    private Task<int> ReceiveAsync(int size) =>
        _receiver.ReceiveAsync(new byte[size], Cancelled).AsTask().WaitAsync(WaitTimeout, Cancelled);
}
