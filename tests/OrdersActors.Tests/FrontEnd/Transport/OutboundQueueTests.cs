using OrdersActors.FrontEnd.Transport;

namespace OrdersActors.Tests.FrontEnd.Transport;

public sealed class OutboundQueueTests
{
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Frames_are_written_whole_and_in_order_with_concurrent_writers()
    {
        var socket = new GatedStream();
        var queue = new OutboundQueue(new StreamOutput(socket), 64 * 1024 * 1024, Fail);
        socket.Open();
        await Task.WhenAll(Enumerable.Range(0, 4).Select(writer => Task.Run(() =>
        {
            for (var i = 0; i < 20_000; i++)
            {
                // 4 bytes: the writer and a counter. Every hundredth frame is larger than a write.
                var frame = new byte[i % 100 == 0 ? 20_000 : 4];
                Array.Fill(frame, (byte)writer);
                frame[1] = (byte)(i >> 8);
                frame[2] = (byte)i;
                frame[3] = (byte)(frame.Length == 4 ? 0 : 1);
                Assert.True(queue.TryEnqueue(frame));
            }
        })));
        await queue.CompleteAsync(WaitTimeout, TimeProvider.System);

        var next = new int[4];
        var bytes = socket.Written;
        for (var at = 0; at < bytes.Length;)
        {
            var writer = bytes[at];
            var i = next[writer]++;
            Assert.Equal(((byte)(i >> 8), (byte)i), (bytes[at + 1], bytes[at + 2]));
            at += bytes[at + 3] == 0 ? 4 : 20_000;
        }

        Assert.Equal([20_000, 20_000, 20_000, 20_000], next);
    }

    [Fact]
    public async Task Queued_frames_are_combined_into_few_writes()
    {
        var socket = new GatedStream();
        var queue = new OutboundQueue(new StreamOutput(socket), 1024 * 1024, Fail);
        queue.TryEnqueue(new byte[100]);
        await socket.FirstWrite.WaitAsync(WaitTimeout, TestContext.Current.CancellationToken);
        for (var i = 0; i < 1000; i++)
        {
            queue.TryEnqueue(new byte[100]);
        }

        socket.Open();
        await queue.CompleteAsync(WaitTimeout, TimeProvider.System);
        Assert.Equal(100_100, socket.Written.Length);
        // After the first write, 100,000 bytes at 163 frames of 100 bytes per write need seven writes.
        Assert.Equal(8, socket.Writes);
    }

    [Fact]
    public async Task Frames_are_refused_at_the_bound_and_accepted_after_writes()
    {
        var socket = new GatedStream();
        var queue = new OutboundQueue(new StreamOutput(socket), 1000 + (2 * WebSocketFrame.Overhead), Fail);
        Assert.True(queue.TryEnqueue(new byte[600]));
        Assert.False(queue.TryEnqueue(new byte[401]));
        Assert.True(queue.TryEnqueue(new byte[400]));
        Assert.False(queue.TryEnqueue(new byte[1]));
        var space = queue.WaitBelowWatermarkAsync(TestContext.Current.CancellationToken);
        Assert.False(space.IsCompleted);
        socket.Open();
        await space.WaitAsync(WaitTimeout, TestContext.Current.CancellationToken);
        Assert.True(queue.TryEnqueue(new byte[500]));
    }

    [Fact]
    public async Task Small_frames_count_with_their_memory_overhead()
    {
        var socket = new GatedStream();
        var queue = new OutboundQueue(new StreamOutput(socket), 100_000, Fail);
        var accepted = Enumerable.Range(0, 100_000).Count(_ => queue.TryEnqueue([1, 2]));
        Assert.Equal(100_000 / (2 + WebSocketFrame.Overhead), accepted);
        socket.Open();
        await queue.CompleteAsync(WaitTimeout, TimeProvider.System);
        Assert.Equal(2 * accepted, socket.Written.Length);
    }

    [Fact]
    public async Task Only_the_newest_pong_stays_queued()
    {
        var socket = new GatedStream();
        var queue = new OutboundQueue(new StreamOutput(socket), 1000, Fail);
        queue.TryEnqueue([1]);
        await socket.FirstWrite.WaitAsync(WaitTimeout, TestContext.Current.CancellationToken);
        for (var i = 0; i < 1000; i++)
        {
            queue.EnqueuePong([10, (byte)i]);
        }

        // All those pings cost one frame.
        Assert.True(queue.TryEnqueue(new byte[1000 - 1 - 2 - (3 * WebSocketFrame.Overhead)]));
        Assert.False(queue.TryEnqueue([]));
        socket.Open();
        await queue.CompleteAsync(WaitTimeout, TimeProvider.System);
        Assert.Equal([1], socket.Written[..1]);
        Assert.Equal(1 + 2 + 877, socket.Written.Length);
        Assert.Contains("0A-E7", BitConverter.ToString(socket.Written), StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_pong_follows_the_close()
    {
        var socket = new GatedStream();
        var queue = new OutboundQueue(new StreamOutput(socket), 1000, Fail);
        queue.TryEnqueue([1]);
        await socket.FirstWrite.WaitAsync(WaitTimeout, TestContext.Current.CancellationToken);
        queue.EnqueuePong([10, 1]);
        queue.Close([[8, 0]], discardQueue: false);
        queue.EnqueuePong([10, 2]);
        socket.Open();
        await queue.CompleteAsync(WaitTimeout, TimeProvider.System);
        Assert.Equal([1, 10, 1, 8, 0], socket.Written);
    }

    [Fact]
    public async Task Last_frames_are_written_past_the_bound_and_nothing_after_them()
    {
        var socket = new GatedStream();
        var queue = new OutboundQueue(new StreamOutput(socket), 100 + (2 * WebSocketFrame.Overhead), Fail);
        queue.TryEnqueue([1]);
        await socket.FirstWrite.WaitAsync(WaitTimeout, TestContext.Current.CancellationToken);
        queue.TryEnqueue(new byte[99]);
        queue.Close([[2, 2], [3]], discardQueue: true);
        queue.Close([[4]], discardQueue: false);
        queue.TryEnqueue([5]);
        socket.Open();
        await queue.CompleteAsync(WaitTimeout, TimeProvider.System);
        Assert.Equal([1, 2, 2, 3], socket.Written);
    }

    [Fact]
    public async Task Broken_socket_is_reported_once_and_ends_every_wait()
    {
        var socket = new GatedStream();
        var reports = 0;
        var queue = new OutboundQueue(new StreamOutput(socket), 1000 + WebSocketFrame.Overhead, _ => reports++);
        queue.TryEnqueue(new byte[1000]);
        var space = queue.WaitBelowWatermarkAsync(TestContext.Current.CancellationToken);
        var complete = queue.CompleteAsync(WaitTimeout, TimeProvider.System);
        socket.Break(new IOException("gone"));
        await space.WaitAsync(WaitTimeout, TestContext.Current.CancellationToken);
        await complete.WaitAsync(WaitTimeout, TestContext.Current.CancellationToken);
        queue.TryEnqueue([1]);
        Assert.Equal(1, reports);
    }

    private static void Fail(Exception e) => throw new InvalidOperationException("the socket does not break here", e);

    /// <summary>A socket whose client starts to read when the test opens the gate.</summary>
    private sealed class GatedStream : MemoryStream
    {
        private readonly TaskCompletionSource _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _first = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task FirstWrite => _first.Task;

        public int Writes { get; private set; }

        public byte[] Written => ToArray();

        public void Open() => _gate.SetResult();

        public void Break(Exception e) => _gate.SetException(e);

        public override async ValueTask WriteAsync(
            ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            _first.TrySetResult();
            await _gate.Task.WaitAsync(cancellationToken);
            Writes++;
            Write(buffer.Span);
        }
    }
}
