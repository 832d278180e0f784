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

    private sealed class Request(PendingWrite<bool> pending) : SqliteWriteRequest(pending)
    {
        public override void Execute(SqliteAppender appender)
        {
        }

        public override void Complete() => pending.Complete(true);
    }
}
