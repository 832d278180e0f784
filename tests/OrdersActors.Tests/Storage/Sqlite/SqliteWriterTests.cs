using Microsoft.Data.Sqlite;
using OrdersActors.Storage.EventLog;
using OrdersActors.Storage.Sqlite;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Storage.Sqlite;

public sealed class SqliteWriterTests
{
    [Fact]
    public async Task Writes_that_were_all_given_up_need_no_transaction()
    {
        using var folder = new TempFolder();
        var logger = new RecordingLogger<SqliteWriter>();
        var options = new SqliteStorageOptions { DataDirectory = folder.Path };
        var database = new SqliteDatabase(options, logger);
        using var epoch = SqliteEpoch.Open(database, logger);
        await using var writer = new SqliteWriter(database, options, epoch, _ => { }, TimeProvider.System, logger);
        using (var other = new SqliteConnection($"Data Source={Path.Combine(folder.Path, "orders.db")};Pooling=False"))
        {
            other.Open();
            using var hold = other.CreateCommand();
            hold.CommandText = "BEGIN IMMEDIATE";
            hold.ExecuteNonQuery();
            var cancelled = new PendingWrite<bool>();
            Assert.True(cancelled.TryGiveUp());
            await writer.EnqueueAsync(new Request(cancelled), TestContext.Current.CancellationToken);
            await Assert.ThrowsAsync<TaskCanceledException>(() => cancelled.Answer);
            // An empty transaction would fail on the locked database and end the writer.
            var failed = new PendingWrite<bool>();
            await writer.EnqueueAsync(new Request(failed), TestContext.Current.CancellationToken);
            await Assert.ThrowsAsync<EventLogUnavailableException>(() => failed.Answer);
        }

        Assert.Equal([1000], logger.Ids);
        Assert.Contains("A transaction of 1 writes", logger.Text, StringComparison.Ordinal);
        var written = new PendingWrite<bool>();
        await writer.EnqueueAsync(new Request(written), TestContext.Current.CancellationToken);
        Assert.True(await written.Answer);
        Assert.Equal([1000, 1002], logger.Ids);
    }

    [Fact]
    public async Task Callers_that_append_at_the_same_time_share_a_transaction()
    {
        using var folder = new TempFolder();
        await using var log = new PacedLog(folder.Path);
        log.Hold();
        var first = log.AppendAsync(1);
        await log.UntilHeldAsync();
        var others = log.AppendAsync(3);
        log.Release();
        await first;
        await others;
        Assert.Equal([1, 3], log.Groups);

        await log.AppendAsync(3);
        Assert.Equal([1, 3, 3], log.Groups);
    }

    [Fact]
    public async Task Caller_that_awaits_each_append_does_not_wait()
    {
        using var folder = new TempFolder();
        await using var log = new PacedLog(folder.Path);
        for (var i = 0; i < 3; i++)
        {
            await log.AppendAsync(1);
        }

        Assert.Equal([1, 1, 1], log.Groups);
    }

    /// <summary>A writer that would wait a minute for the callers that it expects.</summary>
    private sealed class PacedLog : IAsyncDisposable
    {
        private readonly SqliteEpoch _epoch;
        private readonly SqliteWriter _writer;
        private readonly SemaphoreSlim _held = new(0);
        private readonly SemaphoreSlim _released = new(0);
        private volatile bool _holds;
        private int _count;

        public PacedLog(string folder)
        {
            var logger = new RecordingLogger<SqliteWriter>();
            var options = new SqliteStorageOptions { DataDirectory = folder, GroupInterval = TimeSpan.FromMinutes(1) };
            var database = new SqliteDatabase(options, logger);
            _epoch = SqliteEpoch.Open(database, logger);
            _writer = new SqliteWriter(database, options, _epoch, Committed, TimeProvider.System, logger);
        }

        /// <summary>The number of writes of each transaction.</summary>
        public List<int> Groups { get; } = [];

        /// <summary>Lets the next transaction wait at its end, so that writes queue up.</summary>
        public void Hold() => _holds = true;

        public Task UntilHeldAsync() => _held.WaitAsync(TestContext.Current.CancellationToken);

        public void Release() => _released.Release();

        /// <summary>Appends events at the same time. They are queued when the method returns.</summary>
        public async Task AppendAsync(int callers)
        {
            var appends = Enumerable.Range(0, callers).Select(_ => PendingAppend.Create(
                "acme", 4, [new OrderStatusEvent { OrderId = $"o-{_count++}", Status = "created" }],
                TestContext.Current.CancellationToken)).ToArray();
            foreach (var append in appends)
            {
                await _writer.EnqueueAsync(new SqliteAppendRequest(append), TestContext.Current.CancellationToken);
            }

            await Task.WhenAll(appends.Select(append => append.WaitAsync(TestContext.Current.CancellationToken)));
        }

        public async ValueTask DisposeAsync()
        {
            await _writer.DisposeAsync();
            _epoch.Dispose();
            _held.Dispose();
            _released.Dispose();
        }

        // On the writer's thread.
        private void Committed(IReadOnlyList<SqliteWriteRequest> writes)
        {
            Groups.Add(writes.Count);
            if (_holds)
            {
                _holds = false;
                _held.Release();
                _released.Wait();
            }
        }
    }

    private sealed class Request(PendingWrite<bool> pending) : SqliteWriteRequest(pending)
    {
        public override void Execute(SqliteAppender appender)
        {
        }

        public override void Complete() => pending.Complete(true);
    }
}
