using Microsoft.Data.Sqlite;
using OrdersActors.Storage.Sqlite;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Storage;

public sealed class SqliteWriterTests
{
    [Fact]
    public async Task Writes_that_were_all_cancelled_need_no_transaction()
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
            var cancelled = new Write(isCancelled: true);
            await writer.EnqueueAsync(cancelled, TestContext.Current.CancellationToken);
            await Assert.ThrowsAsync<OperationCanceledException>(() => cancelled.Answer);
            // An empty transaction would fail on the locked database and end the writer.
            var failed = new Write(isCancelled: false);
            await writer.EnqueueAsync(failed, TestContext.Current.CancellationToken);
            await Assert.ThrowsAsync<EventLogUnavailableException>(() => failed.Answer);
        }

        Assert.Equal([1000], logger.Ids);
        var written = new Write(isCancelled: false);
        await writer.EnqueueAsync(written, TestContext.Current.CancellationToken);
        await written.Answer;
    }

    private sealed class Write(bool isCancelled) : SqliteWrite
    {
        private readonly TaskCompletionSource _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Answer => _answer.Task;

        public override bool IsCancelled => isCancelled;

        public override void Execute(SqliteAppender appender)
        {
        }

        public override void Committed() => _answer.SetResult();

        public override void Failed(Exception exception) => _answer.SetException(exception);
    }
}
