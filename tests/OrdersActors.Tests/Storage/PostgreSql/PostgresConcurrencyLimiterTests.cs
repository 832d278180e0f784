using Microsoft.Extensions.Time.Testing;
using Npgsql;
using OrdersActors.Storage.PostgreSql;

namespace OrdersActors.Tests.Storage.PostgreSql;

public sealed class PostgresConcurrencyLimiterTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly PostgresConcurrencyLimiter _limiter;

    public PostgresConcurrencyLimiterTests() =>
        _limiter = new PostgresConcurrencyLimiter(2, TimeSpan.FromSeconds(4), _time);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Work_waits_while_all_permits_are_used()
    {
        var work = new TaskCompletionSource<int>();
        var first = _limiter.RunAsync(() => work.Task, Cancelled);
        var second = _limiter.RunAsync(() => work.Task, Cancelled);
        var third = _limiter.RunAsync(() => Task.FromResult(3), Cancelled);
        Assert.False(third.IsCompleted);
        work.SetResult(1);
        var results = await Task.WhenAll(first, second, third);
        Assert.Equal([1, 1, 3], results);
    }

    [Fact]
    public async Task Permit_is_free_after_its_work_failed()
    {
        for (var i = 0; i < 5; i++)
        {
            await Assert.ThrowsAsync<InvalidOperationException>(
                () => _limiter.RunAsync<int>(() => throw new InvalidOperationException("a fault"), Cancelled));
        }
    }

    [Fact]
    public async Task Wait_for_a_permit_fails_as_unavailable_after_the_timeout()
    {
        UseAll();
        var waiting = _limiter.RunAsync(() => Task.FromResult(3), Cancelled);
        _time.Advance(TimeSpan.FromSeconds(3.9));
        Assert.False(waiting.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(0.1));
        var e = await Assert.ThrowsAsync<EventLogUnavailableException>(() => waiting);
        Assert.Equal(
            "the event log is unavailable: no connection to PostgreSQL became free for 4 s", e.Message);
    }

    [Fact]
    public async Task Caller_can_cancel_the_wait()
    {
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => _limiter.RunAsync(() => Task.FromResult(1), new CancellationToken(canceled: true)));
        UseAll();
        using var cancel = new CancellationTokenSource();
        var waiting = _limiter.RunAsync(() => Task.FromResult(3), cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    [Fact]
    public async Task Failure_of_the_database_and_a_closed_pool_are_unavailable()
    {
        var failed = await Assert.ThrowsAsync<EventLogUnavailableException>(
            () => _limiter.RunAsync<int>(() => throw new NpgsqlException("simulated"), Cancelled));
        Assert.Equal("the event log is unavailable: the connection to PostgreSQL was lost", failed.Message);
        var closed = await Assert.ThrowsAsync<EventLogUnavailableException>(
            () => _limiter.RunAsync<int>(() => throw new ObjectDisposedException("pool"), Cancelled));
        Assert.Equal("the event log is unavailable: the server is stopping", closed.Message);
    }

    private void UseAll()
    {
        for (var i = 0; i < 2; i++)
        {
            _ = _limiter.RunAsync(() => new TaskCompletionSource<int>().Task, Cancelled);
        }
    }
}
