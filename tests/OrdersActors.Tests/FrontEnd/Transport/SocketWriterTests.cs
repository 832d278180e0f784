using System.Buffers;
using System.Net.Sockets;
using OrdersActors.FrontEnd.Transport;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.FrontEnd.Transport;

public sealed class SocketWriterTests : IAsyncLifetime
{
    // More than the operating system takes for a socket whose peer does not read.
    private const int LargeSize = 20_000_000;

    private static readonly TimeSpan WaitTimeout = TimeSpan.FromSeconds(30);

    private readonly LentMemory _pool = new();
    private Socket _server = null!;
    private Socket _client = null!;
    private SocketWriter _writer = null!;
    private int _closed;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        (_client, _server) = await LoopbackConnection.PairAsync();
        _server.Blocking = false;
        _writer = new SocketWriter(_server, _pool, () => _closed++);
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        _server.Dispose();
        _pool.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Flush_that_fits_ends_at_once_and_holds_no_memory()
    {
        Write(10_000);
        var flush = _writer.FlushAsync(Cancelled);
        Assert.True(flush.IsCompletedSuccessfully);
        Assert.False((await flush).IsCompleted);
        _writer.Complete();
        Assert.Equal(0, _pool.Lent);
        Assert.Equal(10_000, _client.Available);
    }

    [Fact]
    public async Task Buffers_of_a_flush_in_progress_return_when_it_ends()
    {
        Write(LargeSize);
        var flush = _writer.FlushAsync(Cancelled).AsTask();
        Assert.False(flush.IsCompleted);
        _writer.Complete();
        Assert.NotEqual(0, _pool.Lent);
        UpgradedSocket.Abort(_server);
        Assert.True((await flush.WaitAsync(WaitTimeout, Cancelled)).IsCompleted);
        Assert.Equal(0, _pool.Lent);
        Assert.Equal(1, _closed);
    }

    [Fact]
    public async Task Flush_after_a_failure_or_the_end_sends_nothing()
    {
        UpgradedSocket.Abort(_server);
        Write(1);
        Assert.True((await _writer.FlushAsync(Cancelled)).IsCompleted);
        Write(1);
        Assert.True((await _writer.FlushAsync(Cancelled)).IsCompleted);
        Assert.Equal(1, _closed);
    }

    [Fact]
    public async Task Flush_can_be_cancelled()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        Write(LargeSize);
        var flush = _writer.FlushAsync(stop.Token).AsTask();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => flush.WaitAsync(WaitTimeout, Cancelled));
        _writer.Complete();
        Assert.Equal(0, _pool.Lent);
    }

    private void Write(int count)
    {
        for (var left = count; left > 0;)
        {
            var span = _writer.GetSpan();
            var part = Math.Min(left, span.Length);
            _writer.Advance(part);
            left -= part;
        }
    }

    /// <summary>Counts the buffers that have not been returned.</summary>
    private sealed class LentMemory : MemoryPool<byte>
    {
        public int Lent { get; private set; }

        public override int MaxBufferSize => 4096;

        public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
        {
            Lent++;
            return new Owner(this);
        }

        protected override void Dispose(bool disposing)
        {
        }

        private sealed class Owner(LentMemory pool) : IMemoryOwner<byte>
        {
            public Memory<byte> Memory { get; } = new byte[4096];

            public void Dispose() => pool.Lent--;
        }
    }
}
