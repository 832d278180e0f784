using Microsoft.Extensions.Time.Testing;
using OrdersActors.FrontEnd;
using OrdersActors.FrontEnd.Sessions;
using OrdersActors.Tests.FrontEnd.Transport;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.FrontEnd.Sessions;

public sealed class ConnectionClockTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task Connection_that_fails_its_check_does_not_end_the_checks_of_others()
    {
        using var parts = new ConnectionParts(_time);
        var registry = parts.Registry;
        var aborted = 0;
        using var first = new MemoryStream();
        using var second = new MemoryStream();
        registry.Add(parts.Create(first, () => throw new InvalidOperationException("broken")));
        registry.Add(parts.Create(second, () => Interlocked.Increment(ref aborted)));
        var log = new RecordingLogger<ConnectionClock>();
        using var clock = new ConnectionClock(registry, parts.Options, _time, log);
        await clock.StartAsync(TestContext.Current.CancellationToken);

        // Both connections miss the deadline and do not answer the close, so the clock aborts both at every check while
        // they exist.
        await Eventually.Holds(() =>
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            return Volatile.Read(ref aborted) >= 3 && log.Ids.Length >= 3;
        }, () => $"{aborted} aborts, {log.Text}");
        Assert.False(clock.ExecuteTask!.IsCompleted);
        await clock.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Connection_is_closed_at_the_deadline_for_authenticating_and_aborted_after_the_close_timeout()
    {
        var options = new FrontEndOptions
        {
            AuthenticationDeadline = TimeSpan.FromSeconds(10),
            CloseTimeout = TimeSpan.FromSeconds(5),
        };
        await RunAsync(options, "", async (connection, aborted) =>
        {
            Assert.True(await AdvanceUntilAsync(() => connection.IsClosing) >= TimeSpan.FromSeconds(10));
            Assert.True(await AdvanceUntilAsync(aborted) > TimeSpan.FromSeconds(5));
        });
    }

    [Fact]
    public async Task Authenticated_connection_is_pinged_and_aborted_when_it_stays_silent()
    {
        var options = new FrontEndOptions { PingInterval = TimeSpan.FromSeconds(25) };
        await RunAsync(options, """{"type":"connect","data":{"api_key":"k"}}""", async (connection, aborted) =>
        {
            var (opened, read) = (connection.LastPingAt, connection.LastReadAt);
            Assert.True(
                await AdvanceUntilAsync(() => connection.LastPingAt != opened) >= options.PingInterval);
            await AdvanceUntilAsync(aborted);
            Assert.True(_time.GetElapsedTime(read) >= 2 * options.PingInterval);
            Assert.False(connection.IsClosing);
        });
    }

    /// <summary>Runs a clock and one connection whose client sends a message, and acts.</summary>
    private async Task RunAsync(FrontEndOptions options, string message, Func<Connection, Func<bool>, Task> act)
    {
        using var parts = new ConnectionParts(_time, options);
        var socket = new TestSocket();
        var aborted = false;
        var connection = parts.Create(socket, () => aborted = true);
        parts.Registry.Add(connection);
        var running = connection.RunAsync();
        if (message.Length > 0)
        {
            socket.Send(ClientFrame.Text(message));
            await Eventually.Holds(() => connection.Identity is not null, () => "the client did not authenticate");
        }

        var log = new RecordingLogger<ConnectionClock>();
        using var clock = new ConnectionClock(parts.Registry, parts.Options, _time, log);
        await clock.StartAsync(TestContext.Current.CancellationToken);
        await act(connection, () => Volatile.Read(ref aborted));
        await clock.StopAsync(TestContext.Current.CancellationToken);
        socket.End();
        await running;
    }

    /// <summary>Advances second by second and returns how long it took until the condition holds.</summary>
    private async Task<TimeSpan> AdvanceUntilAsync(Func<bool> condition)
    {
        var began = _time.GetTimestamp();
        await Eventually.Holds(
            () =>
            {
                if (condition())
                {
                    return true;
                }

                _time.Advance(TimeSpan.FromSeconds(1));
                return false;
            },
            () => "the clock did not act");
        return _time.GetElapsedTime(began);
    }
}
