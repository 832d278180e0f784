using Microsoft.Extensions.Time.Testing;
using OrdersActors.FrontEnd;
using OrdersActors.FrontEnd.Sessions;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.FrontEnd.Sessions;

public sealed class ConnectionShutdownTests
{
    private readonly FakeTimeProvider _time = new();
    private int _aborted;

    [Fact]
    public async Task Connections_are_closed_at_once_and_awaited_until_they_have_ended()
    {
        using var parts = new ConnectionParts(_time);
        var sockets = Add(parts, 3);
        var stopping = Stop(parts);
        await Eventually.Equal([1001, 1001, 1001], () => sockets.Select(socket => socket.CloseStatus));
        Assert.False(stopping.IsCompleted);
        foreach (var connection in parts.Registry.All)
        {
            parts.Registry.Remove(connection);
        }

        await AdvanceUntilAsync(stopping, TimeSpan.FromMilliseconds(20));
        Assert.Equal(0, _aborted);
    }

    [Fact]
    public async Task Connections_that_do_not_end_in_time_are_aborted()
    {
        using var parts = new ConnectionParts(_time);
        Add(parts, 2);
        var began = _time.GetTimestamp();
        await AdvanceUntilAsync(Stop(parts), TimeSpan.FromMilliseconds(20));
        Assert.Equal(2, _aborted);
        Assert.True(_time.GetElapsedTime(began) >= TimeSpan.FromSeconds(3));
    }

    [Fact]
    public async Task Drain_time_closes_one_connection_after_the_other()
    {
        using var parts = new ConnectionParts(_time, new FrontEndOptions { DrainTime = TimeSpan.FromSeconds(1) });
        var sockets = Add(parts, 20);
        var stopping = Stop(parts);
        var counts = new HashSet<int>();
        await Eventually.Holds(
            () =>
            {
                counts.Add(parts.Registry.All.Count(connection => connection.IsClosing));
                _time.Advance(TimeSpan.FromMilliseconds(50));
                return parts.Registry.All.All(connection => connection.IsClosing);
            },
            () => "not every connection was closed");
        // One per step of 50 ms. A step may pass unseen, so not every count is seen.
        Assert.True(counts.Count > 10, string.Join(' ', counts));
        await Eventually.Holds(
            () => sockets.All(socket => socket.CloseStatus == 1012),
            () => string.Join(' ', sockets.Select(socket => socket.CloseStatus)));
        await AdvanceUntilAsync(stopping, TimeSpan.FromMilliseconds(50));
    }

    [Fact]
    public async Task Clients_are_served_and_admitted_during_the_drain_delay()
    {
        using var parts = new ConnectionParts(
            _time, new FrontEndOptions { DrainDelay = TimeSpan.FromSeconds(5), DrainTime = TimeSpan.FromSeconds(1) });
        var sockets = Add(parts, 2);
        var stopping = Stop(parts);
        _time.Advance(TimeSpan.FromSeconds(4.9));
        Assert.False(parts.Registry.IsStopping);
        var late = Add(parts, 1)[0];
        Assert.DoesNotContain(parts.Registry.All, connection => connection.IsClosing);

        await Eventually.Holds(
            () =>
            {
                _time.Advance(TimeSpan.FromMilliseconds(50));
                return parts.Registry.IsStopping;
            },
            () => "the server does not stop accepting");
        await AdvanceUntilAsync(stopping, TimeSpan.FromMilliseconds(50));
        Assert.All([.. sockets, late], socket => Assert.Equal(1012, socket.CloseStatus));
    }

    private Task Stop(ConnectionParts parts) =>
        new ConnectionShutdown(parts.Registry, parts.Options, _time).StoppingAsync(CancellationToken.None);

    private TestSocket[] Add(ConnectionParts parts, int count)
    {
        TestSocket[] sockets = [.. Enumerable.Range(0, count).Select(_ => new TestSocket())];
        foreach (var socket in sockets)
        {
            parts.Registry.Add(parts.Create(socket, () => Interlocked.Increment(ref _aborted)));
        }

        return sockets;
    }

    private Task AdvanceUntilAsync(Task task, TimeSpan step) => Eventually.Holds(
        () =>
        {
            _time.Advance(step);
            return task.IsCompleted;
        },
        () => "the stop has not ended");
}
