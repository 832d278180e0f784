using OrdersActors.Storage;
using OrdersActors.Storage.PostgreSql;
using OrdersActors.TestServer;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Storage.PostgreSql;

public sealed class PostgresClusterLockTests(PostgresFixture postgres) : IAsyncLifetime
{
    private readonly RecordingLogger<PostgresEventLog> _logger = new();
    private PostgresDatabase? _database;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _database = await postgres.CreateDatabaseAsync();

    public ValueTask DisposeAsync() => _database?.DisposeAsync() ?? ValueTask.CompletedTask;

    [Fact]
    public async Task Silos_of_another_cluster_are_refused_while_the_first_ones_run()
    {
        await using (await OpenAsync(_database!.ConnectionString, "first"))
        {
            await using var second = await OpenAsync(_database.ConnectionString, "first");
            var message = await RefusalAsync(_database.ConnectionString, "renamed");
            Assert.Contains("in use by silos of", message, StringComparison.Ordinal);
            Assert.Contains("OrdersActors:ClusterId is 'renamed' here", message, StringComparison.Ordinal);
        }

        await using var renamed = await OpenAsync(_database.ConnectionString, "renamed");
        Assert.Contains(
            "'first' here", await RefusalAsync(_database.ConnectionString, "first"), StringComparison.Ordinal);
        // A command that only reads or writes events belongs to no cluster.
        await (await OpenAsync(_database.ConnectionString)).DisposeAsync();
    }

    [Fact]
    public async Task Silo_that_lost_its_connection_takes_the_lock_of_its_cluster_again()
    {
        await using var log = await OpenAsync(_database!.ConnectionString, "first");
        await _database.SqlAsync(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            + "WHERE datname = current_database() AND pid <> pg_backend_pid()");
        await Eventually.Holds(() => _logger.Ids.Contains(1054), () => _logger.Text);
        Assert.Contains(
            "in use by silos of", await RefusalAsync(_database.ConnectionString, "second"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Server_of_another_cluster_ends_with_one_line_that_names_both()
    {
        await using var first = await ServerProcess.StartAsync(Settings("first"));
        var refused = await Assert.ThrowsAnyAsync<Exception>(() => ServerProcess.StartAsync(Settings("second")));
        Assert.Contains("in use by silos of the cluster 'first'", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(
            "   at ", refused.Message[..refused.Message.IndexOf("'second'", StringComparison.Ordinal)],
            StringComparison.Ordinal);
        Assert.Equal(0, (await first.StopAsync()).ExitCode);
        await using var second = await ServerProcess.StartAsync(Settings("second"));
    }

    private ServerSettings Settings(string cluster) => new()
    {
        Environment = "Production",
        Variables =
        {
            ["ConnectionStrings__OrdersActors"] = _database!.ConnectionString, ["OrdersActors__ClusterId"] = cluster,
        },
    };

    private async Task<string> RefusalAsync(string connectionString, string clusterId)
    {
        var e = await Assert.ThrowsAsync<StorageException>(() => OpenAsync(connectionString, clusterId));
        Assert.DoesNotContain('\n', e.Message);
        return e.Message;
    }

    private Task<PostgresEventLog> OpenAsync(string connectionString, string? clusterId = null) =>
        PostgresEventLog.OpenAsync(
            new PostgresStorageOptions
            {
                ConnectionString = connectionString,
                ClusterId = clusterId,
                CommandTimeout = TimeSpan.FromSeconds(20),
                ConnectTimeout = TimeSpan.FromSeconds(20),
            },
            TimeProvider.System, _logger, Cancelled);
}
