using Npgsql;
using OrdersActors.Storage.PostgreSql;
using OrdersActors.TestServer;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Storage.PostgreSql;

public sealed class PostgresSourceTests(PostgresFixture postgres) : IAsyncLifetime
{
    private PostgresDatabase? _database;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _database = await postgres.CreateDatabaseAsync();

    public ValueTask DisposeAsync() => _database?.DisposeAsync() ?? ValueTask.CompletedTask;

    [Fact]
    public async Task Password_is_not_in_the_connection_string_of_the_source()
    {
        await using var source = Source(_database!.ConnectionString);
        Assert.DoesNotContain(PostgresServer.Password, source.ConnectionString, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connections_have_the_schema_in_their_search_path_however_they_are_opened()
    {
        await using var source = Source(_database!.ConnectionString);
        await using var one = await source.OpenAsync(Cancelled);
        await using var two = source.OpenConnection();
        await using var three = await source.OpenConnectionAsync(Cancelled);
        await using var four = source.CreateConnection();
        await four.OpenAsync(Cancelled);
        foreach (var connection in new[] { one, two, three, four })
        {
            await using var command = connection.CreateCommand();
            command.CommandText = "SHOW search_path";
            Assert.Equal("orders_actors", await command.ExecuteScalarAsync(Cancelled));
        }
    }

    [Fact]
    public async Task Host_that_refuses_connections_is_skipped_for_the_primary()
    {
        using var unused = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        unused.Start();
        var refusing = ((System.Net.IPEndPoint)unused.LocalEndpoint).Port;
        unused.Stop();
        var settings = new NpgsqlConnectionStringBuilder(_database!.ConnectionString);
        settings.Host = $"{settings.Host}:{refusing},{settings.Host}:{settings.Port}";
        await using var source = Source(settings.ConnectionString);
        await using var connection = await source.OpenAsync(Cancelled);
        Assert.Equal(settings.Port, connection.Port);
    }

    [Fact]
    public async Task Cleared_source_opens_new_sessions()
    {
        await using var source = Source(_database!.ConnectionString);
        var session = await SessionAsync();
        Assert.Equal(session, await SessionAsync());
        source.Clear();
        Assert.NotEqual(session, await SessionAsync());

        async Task<int> SessionAsync()
        {
            await using var connection = await source.OpenAsync(Cancelled);
            return connection.ProcessID;
        }
    }

    private static PostgresSource Source(string connectionString)
    {
        var settings = PostgresSettings.Of(new PostgresStorageOptions { ConnectionString = connectionString });
        return new PostgresSource(
            "test", settings, PostgresHosts.Of(settings, TimeProvider.System), PostgresSession.Plain);
    }
}
