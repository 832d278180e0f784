using Npgsql;
using OrdersActors.Storage.PostgreSql;
using OrdersActors.TestServer;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Storage.PostgreSql;

public sealed class PostgresConnectionsTests(PostgresFixture postgres) : IAsyncLifetime
{
    private PostgresDatabase? _database;
    private PostgresConnections? _connections;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private PostgresConnections Connections => _connections!;

    public async ValueTask InitializeAsync()
    {
        _database = await postgres.CreateDatabaseAsync();
        _connections = PostgresConnections.ForLog(Options(_database.ConnectionString), TimeProvider.System);
    }

    public async ValueTask DisposeAsync()
    {
        if (_connections is not null)
        {
            await _connections.DisposeAsync();
            await _database!.DisposeAsync();
        }
    }

    [Fact]
    public async Task Pooled_connection_is_used_again()
    {
        var session = await SessionAsync();
        Assert.Equal(session, await SessionAsync());
    }

    [Fact]
    public async Task Work_on_a_broken_connection_runs_once_more_on_a_new_one()
    {
        var session = await SessionAsync();
        await _database!.SqlAsync($"SELECT pg_terminate_backend({session}, 10000)");
        Assert.NotEqual(session, await SessionAsync());

        var attempts = 0;
        await Assert.ThrowsAsync<NpgsqlException>(() => Connections.UseAsync<int>(
            _ =>
            {
                attempts++;
                throw new NpgsqlException("simulated");
            },
            Cancelled));
        Assert.Equal(2, attempts);
    }

    [Fact]
    public async Task Work_that_timed_out_or_was_rejected_is_not_repeated()
    {
        foreach (var failure in new Exception[]
        {
            new NpgsqlException("simulated", new TimeoutException()), new InvalidOperationException("simulated"),
        })
        {
            var attempts = 0;
            await Assert.ThrowsAsync(failure.GetType(), () => Connections.UseAsync<int>(
                _ =>
                {
                    attempts++;
                    throw failure;
                },
                Cancelled));
            Assert.Equal(1, attempts);
        }
    }

    [Fact]
    public async Task Listening_connection_has_a_name_of_its_own()
    {
        await using var listening = await Connections.OpenForListenAsync(Cancelled);
        await using var other = await Connections.OpenAsync(Cancelled);
        Assert.Equal("OrdersActors news", await ScalarAsync(listening, "SHOW application_name"));
        Assert.Equal("OrdersActors", await ScalarAsync(other, "SHOW application_name"));
        Assert.Equal("10", await ScalarAsync(listening, "SHOW tcp_keepalives_idle"));
    }

    [Theory]
    [InlineData("a", 10)]
    [InlineData("a,b", 5)]
    public async Task Poll_has_the_shorter_timeout_if_another_host_may_be_the_primary(string hosts, int timeout)
    {
        await using var connections = PostgresConnections.ForLog(
            Options($"Host={hosts};Database=d;Username=u"), TimeProvider.System);
        Assert.Equal((timeout, hosts == "a,b"), (connections.PollTimeout, connections.HasSeveralHosts));
        Assert.Equal(TimeSpan.FromSeconds(4 + 10 + 2), connections.ReadTimeout);
    }

    private static PostgresStorageOptions Options(string connectionString) =>
        new() { ConnectionString = connectionString };

    private Task<object?> SessionAsync() => Connections.UseAsync(
        connection => ScalarAsync(connection, "SELECT pg_backend_pid()"), Cancelled);

    private static async Task<object?> ScalarAsync(NpgsqlConnection connection, string sql)
    {
        // The callers pass constants.
#pragma warning disable CA2100
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        return await command.ExecuteScalarAsync(Cancelled);
    }
}
