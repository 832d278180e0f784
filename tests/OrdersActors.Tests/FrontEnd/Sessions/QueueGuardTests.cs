using Microsoft.Extensions.Time.Testing;
using OrdersActors.FrontEnd;
using OrdersActors.FrontEnd.Sessions;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.FrontEnd.Sessions;

public sealed class QueueGuardTests : IDisposable
{
    private const int Cut = 1345;

    private readonly FakeTimeProvider _time = new();
    private readonly RecordingLogger<QueueGuard> _log = new();
    private readonly ConnectionParts _parts;
    private readonly QueueGuard _guard;
    private readonly List<TestSocket> _sockets = [];
    private readonly List<Connection> _aborted = [];

    public QueueGuardTests()
    {
        _parts = new ConnectionParts(_time, new FrontEndOptions { MaxQueuedBytesInAll = 100_000 });
        _guard = new QueueGuard(_parts.Registry, _parts.Limiters, _time, _log);
    }

    public void Dispose()
    {
        _guard.Dispose();
        _parts.Dispose();
    }

    [Fact]
    public async Task Clients_with_the_largest_queues_are_disconnected_first()
    {
        await _guard.StartAsync(TestContext.Current.CancellationToken);
        var (small, middle, large) = (Stuck(10_000), Stuck(20_000), Stuck(60_000));
        await Task.Delay(50, TestContext.Current.CancellationToken);
        Assert.False(small.IsClosing || middle.IsClosing || large.IsClosing);

        middle.Send(new byte[30_000]);
        await Eventually.Holds(() => large.IsClosing, () => "the largest queue is not cut");
        // The guard ends only when it has cut and logged.
        await _guard.StopAsync(TestContext.Current.CancellationToken);
        Assert.False(small.IsClosing || middle.IsClosing);
        Assert.Contains(Cut, _log.Ids);
    }

    [Fact]
    public async Task Connection_that_keeps_its_bytes_after_the_close_is_aborted()
    {
        // A frame that is being written to a socket that takes nothing stays in the queue after the close.
        var stuck = Stuck(120_000);
        await Eventually.Holds(() => _sockets[0].HasWriteBegun, () => "nothing is written");
        await _guard.StartAsync(TestContext.Current.CancellationToken);
        await Eventually.Holds(() => stuck.IsClosing, () => "the queue is not cut");
        await Eventually.Holds(
            () =>
            {
                _time.Advance(TimeSpan.FromMilliseconds(100));
                return _aborted.Contains(stuck);
            },
            () => "the connection is not aborted");
        await _guard.StopAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>A connection whose client does not read, with so many bytes in its queue.</summary>
    private Connection Stuck(int bytes)
    {
        var socket = new TestSocket { Reading = new TaskCompletionSource().Task };
        _sockets.Add(socket);
        Connection? connection = null;
        connection = _parts.Create(socket, () => _aborted.Add(connection!));
        _parts.Registry.Add(connection);
        connection.Send(new byte[bytes]);
        return connection;
    }
}
