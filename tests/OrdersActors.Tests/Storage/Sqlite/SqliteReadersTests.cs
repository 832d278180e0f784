using OrdersActors.Storage.Sqlite;

namespace OrdersActors.Tests.Storage.Sqlite;

public sealed class SqliteReadersTests : IDisposable
{
    private readonly SqliteTestDatabase _test = new();
    private readonly SqliteReaders _readers;

    public SqliteReadersTests() => _readers = new SqliteReaders(_test.Database);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _readers.Dispose();
        _test.Dispose();
    }

    [Fact]
    public async Task At_most_eight_queries_run_at_once_and_live_reads_do_not_wait()
    {
        using var release = new ManualResetEventSlim();
        using var running = new CountdownEvent(8);
        var queries = Enumerable.Range(0, 8).Select(_ => _readers.ReadAsync(
            reader =>
            {
                running.Signal();
                release.Wait(Cancelled);
                return reader;
            },
            Cancelled)).ToArray();
        running.Wait(Cancelled);
        var ninth = _readers.ReadAsync(_ => 9, Cancelled);
        Assert.Equal(1, await _readers.ReadLiveAsync(_ => 1));
        Assert.False(ninth.IsCompleted);
        release.Set();
        Assert.Equal(8, (await Task.WhenAll(queries)).Distinct().Count());
        Assert.Equal(9, await ninth);
    }

    [Fact]
    public async Task Connection_is_used_again_and_a_failed_one_is_replaced()
    {
        var first = await _readers.ReadAsync(reader => reader, Cancelled);
        Assert.Same(first, await _readers.ReadAsync(reader => reader, Cancelled));
        await Assert.ThrowsAsync<EventLogUnavailableException>(() => _readers.ReadAsync<int>(
            _ => throw new Microsoft.Data.Sqlite.SqliteException("simulated", 10), Cancelled));
        Assert.NotSame(first, await _readers.ReadAsync(reader => reader, Cancelled));
        Assert.Empty(_test.Logger.Ids);
    }

    [Fact]
    public async Task Connection_of_a_query_that_ends_after_the_close_is_closed()
    {
        using var release = new ManualResetEventSlim();
        using var running = new ManualResetEventSlim();
        var query = _readers.ReadAsync(
            reader =>
            {
                running.Set();
                release.Wait(Cancelled);
                return reader;
            },
            Cancelled);
        running.Wait(Cancelled);
        _readers.Dispose();
        release.Set();
        var reader = await query;
        Assert.ThrowsAny<InvalidOperationException>(() => reader.Newest(0));
        await Assert.ThrowsAsync<EventLogUnavailableException>(() => _readers.ReadAsync(_ => 1, Cancelled));
    }

    [Fact]
    public async Task Damage_is_reported_once()
    {
        for (var i = 0; i < 3; i++)
        {
            var e = await Assert.ThrowsAsync<EventLogUnavailableException>(() => _readers.ReadAsync<int>(
                _ => throw new Microsoft.Data.Sqlite.SqliteException("simulated", 11), Cancelled));
            Assert.Equal("the event log is unavailable: the database file is damaged", e.Message);
        }

        Assert.Equal([1007], _test.Logger.Ids);
    }

    [Fact]
    public async Task Caller_can_cancel_the_wait_for_a_permit() =>
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => _readers.ReadAsync(_ => 1, new CancellationToken(canceled: true)));
}
