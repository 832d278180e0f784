using OrdersActors.Storage;
using OrdersActors.Storage.EventLog;
using OrdersActors.Storage.PostgreSql;
using OrdersActors.TestServer;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Storage.PostgreSql;

/// <summary>A database with the schema, and connections to it without a log in front of them.</summary>
internal sealed class PostgresTestDatabase : IAsyncDisposable
{
    private PostgresTestDatabase(
        PostgresDatabase database, PostgresConnections connections, string epoch, PostgresStorageOptions options)
    {
        Database = database;
        Connections = connections;
        Options = options;
        Signals =
        [
            .. Enumerable.Range(0, options.PartitionCount).Select(_ => new PartitionSignal(0, TimeProvider.System)),
        ];
        Epoch = new PostgresEpoch(epoch, Signals, Logger);
    }

    public PostgresDatabase Database { get; }

    public PostgresConnections Connections { get; }

    public PostgresStorageOptions Options { get; }

    public RecordingLogger<PostgresEventLog> Logger { get; } = new();

    /// <summary>The signals of the partitions.</summary>
    public PartitionSignal[] Signals { get; }

    /// <summary>The signal of the first partition.</summary>
    public PartitionSignal Signal => Signals[0];

    public PostgresEpoch Epoch { get; }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public static async Task<PostgresTestDatabase> CreateAsync(PostgresFixture postgres, int partitions = 1)
    {
        var database = await postgres.CreateDatabaseAsync();
        var options = new PostgresStorageOptions
        {
            ConnectionString = database.ConnectionString,
            PartitionCount = partitions,
        };
        var connections = PostgresConnections.ForLog(options, TimeProvider.System);
        var (_, epoch) = await PostgresSchema.MigrateAsync(connections, options, null, Cancelled);
        return new PostgresTestDatabase(database, connections, epoch, options);
    }

    public static PendingAppend Append(string organization, params OrderStatusEvent[] events) =>
        PendingAppend.Create(organization, 1, events, Cancelled);

    public static OrderStatusEvent Event(string order, string id, string status = "s") =>
        new() { OrderId = order, Id = id, Status = status };

    public PostgresAppender Appender() => new(Connections, Epoch, Logger);

    /// <summary>Stores an append and returns its events.</summary>
    public async Task<AppendedEvents> StoreAsync(string organization, params OrderStatusEvent[] events)
    {
        var (group, append) = (new PostgresAppendGroup(Options.MaxGroupCommit), Append(organization, events));
        group.Add(append);
        await Appender().StoreAsync(group, announce: false);
        append.Complete();
        return await append.Answer;
    }

    public async ValueTask DisposeAsync()
    {
        await Connections.DisposeAsync();
        await Database.DisposeAsync();
    }
}
