using Microsoft.Extensions.Time.Testing;
using OrdersActors.Storage;
using OrdersActors.Storage.EventLog;
using OrdersActors.Storage.Sqlite;
using static OrdersActors.Tests.Storage.Sqlite.SqliteTestDatabase;

namespace OrdersActors.Tests.Storage.Sqlite;

public sealed class SqliteWriteRequestTests : IDisposable
{
    private readonly SqliteTestDatabase _test = new();
    private readonly List<long> _begun = [];

    public void Dispose() => _test.Dispose();

    [Fact]
    public async Task Append_weighs_as_much_as_its_events_and_shares_a_transaction()
    {
        var pending = Append("shop", Event("a", "1"), Event("a", "2"));
        var request = new SqliteAppendRequest(pending);
        Assert.Equal((2, false, pending.Partition), (request.Weight, request.IsExclusive, request.Partition));
        Run(request);
        Assert.Equal(2, request.NewestPosition);
        Assert.Equal(2, (await pending.Answer).Count);
    }

    [Fact]
    public void Caller_that_gave_up_is_noticed()
    {
        var pending = new PendingWrite<bool>();
        var request = new SqliteCheckpointRequest(pending, 0, 0, "epoch");
        Assert.True(pending.TryGiveUp());
        Assert.False(request.TryTake());
    }

    [Fact]
    public async Task Failure_is_answered()
    {
        var pending = new PendingWrite<bool>();
        new SqliteCheckpointRequest(pending, 0, 0, "epoch").Fail(new EventLogUnavailableException("full"));
        await Assert.ThrowsAsync<EventLogUnavailableException>(() => pending.Answer);
    }

    [Fact]
    public async Task Epoch_runs_alone_and_its_answer_is_the_current_epoch()
    {
        var ended = _test.Epoch.Current;
        var (first, second) = (new PendingWrite<string>(), new PendingWrite<string>());
        foreach (var pending in new[] { first, second })
        {
            var request = new SqliteEpochRequest(pending, ended, "a test", _test.Epoch, _begun.Add);
            Assert.True(request.IsExclusive);
            Run(request);
        }

        Assert.NotEqual(ended, await first.Answer);
        Assert.Equal(await first.Answer, await second.Answer);
        Assert.Equal([1003], _test.Logger.Ids);
        Assert.Single(_begun);
    }

    [Fact]
    public async Task Trim_runs_alone_and_its_answer_is_the_result()
    {
        _test.Deliver("shop", "a", "a", "a");
        var pending = new PendingWrite<TrimResult>();
        var limits = new RetentionLimits(TimeSpan.FromDays(1), 1, 1, TimeSpan.FromMinutes(1));
        var request = new SqliteTrimRequest(
            pending, new SqliteTrimPlan(null, default, [], [1], null), limits, new FakeTimeProvider());
        Assert.True(request.IsExclusive);
        Run(request);
        Assert.Equal(2, (await pending.Answer).Removed);
    }

    private void Run(SqliteWriteRequest request)
    {
        _test.Appender.Begin();
        request.Execute(_test.Appender);
        _test.Appender.Commit();
        request.Complete();
    }
}
