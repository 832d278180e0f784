using OrdersActors.Storage.EventLog;
using OrdersActors.Storage.Sqlite;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Storage.Sqlite;

/// <summary>A database in a temporary folder, and its writing connection without a writer in front of it.</summary>
internal sealed class SqliteTestDatabase : IDisposable
{
    private readonly TempFolder _folder = new();

    public SqliteTestDatabase()
    {
        Options = new SqliteStorageOptions { DataDirectory = _folder.Path, FullDurability = false };
        Logger = new RecordingLogger<SqliteEventLog>();
        Database = new SqliteDatabase(Options, Logger);
        Epoch = SqliteEpoch.Open(Database, Logger);
        Appender = new SqliteAppender(Database.Open());
    }

    public string Folder => _folder.Path;

    public SqliteStorageOptions Options { get; }

    public RecordingLogger<SqliteEventLog> Logger { get; }

    public SqliteDatabase Database { get; }

    public SqliteEpoch Epoch { get; }

    public SqliteAppender Appender { get; }

    public static PendingAppend Append(string organization, params OrderStatusEvent[] events) =>
        PendingAppend.Create(organization, 4, events, TestContext.Current.CancellationToken);

    public static OrderStatusEvent Event(string order, string id, string status = "s") =>
        new() { OrderId = order, Id = id, Status = status };

    /// <summary>Appends in a transaction of its own, and completes the append.</summary>
    public OrderEvent[] Store(string organization, params OrderStatusEvent[] events)
    {
        var append = Append(organization, events);
        Appender.Begin();
        Appender.Append(append);
        Appender.Commit();
        append.Complete();
        return [.. append.Answer.GetAwaiter().GetResult()];
    }

    /// <summary>Appends events of the given orders, and saves a checkpoint behind them.</summary>
    public void Deliver(string organization, params string[] orders)
    {
        var append = Append(organization, [.. orders.Select(order => Event(order, Guid.NewGuid().ToString()))]);
        Appender.Begin();
        var newest = Appender.Append(append);
        Appender.SaveCheckpoint(append.Partition, newest, Appender.Epoch);
        Appender.Commit();
    }

    public object? Scalar(string sql)
    {
        using var connection = Database.Open();
        return SqliteStatement.Scalar(connection, sql);
    }

    public void Dispose()
    {
        Appender.Dispose();
        Epoch.Dispose();
        _folder.Dispose();
    }
}
