using OrdersActors.Storage;
using OrdersActors.Storage.PostgreSql;
using OrdersActors.TestServer;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Storage.PostgreSql;

/// <summary>Problems of a database that are found when the log is opened, each reported in one line.</summary>
public sealed class PostgresStartCheckTests(PostgresFixture postgres) : IAsyncLifetime
{
    private readonly RecordingLogger<PostgresEventLog> _logger = new();
    private readonly string _role = $"role_{Guid.NewGuid():N}";
    private PostgresDatabase? _database;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private string AsRole => _database!.Server.ConnectionString(_database.Name, _role, "a password");

    public async ValueTask InitializeAsync()
    {
        _database = await postgres.CreateDatabaseAsync();
        await _database.SqlAsync($"CREATE ROLE {_role} LOGIN PASSWORD 'a password'");
    }

    public async ValueTask DisposeAsync()
    {
        if (_database is not null)
        {
            await _database.SqlAsync($"DROP OWNED BY {_role} CASCADE; DROP ROLE {_role}");
            await _database.DisposeAsync();
        }
    }

    [Theory]
    [InlineData("LATIN1")]
    [InlineData("SQL_ASCII")]
    public async Task Database_with_another_encoding_is_refused(string encoding)
    {
        var name = $"test_{Guid.NewGuid():N}";
        await _database!.SqlAsync($"CREATE DATABASE {name} TEMPLATE template0 ENCODING '{encoding}' LOCALE 'C'");
        await using var database = new PostgresDatabase(_database.Server, name);
        var message = await RefusalAsync(database.ConnectionString);
        Assert.Contains(
            $"the database {name} has the encoding {encoding} and must have UTF8", message, StringComparison.Ordinal);
        Assert.Equal("", await database.SqlAsync("SELECT nspname FROM pg_namespace WHERE nspname = 'orders_actors'"));
    }

    [Fact]
    public async Task Read_only_database_is_refused()
    {
        await _database!.SqlAsync($"ALTER DATABASE {_database.Name} SET default_transaction_read_only = on");
        var message = await RefusalAsync(_database.ConnectionString);
        Assert.Contains($"the database {_database.Name} is read-only", message, StringComparison.Ordinal);
        await _database.Server.SqlAsync(
            "postgres", $"ALTER DATABASE {_database.Name} RESET default_transaction_read_only");
    }

    [Fact]
    public async Task Missing_privilege_is_named_with_its_role_and_object()
    {
        var message = await RefusalAsync(AsRole);
        Assert.EndsWith(
            $"the role {_role} lacks the right CREATE on the database {_database!.Name}, "
            + "which has no schema orders_actors yet",
            message,
            StringComparison.Ordinal);
        await _database.SqlAsync("CREATE SCHEMA orders_actors");
        await IsMissingAsync("USAGE on the schema orders_actors", "USAGE ON SCHEMA orders_actors");
        await IsMissingAsync("CREATE on the schema orders_actors, which has no tables yet");

        await (await OpenAsync(_database.ConnectionString)).DisposeAsync();
        await _database.SqlAsync(
            $"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA orders_actors TO {_role}");
        await IsMissingAsync(
            "USAGE on the sequence orders_actors.orders_id_seq", "USAGE ON ALL SEQUENCES IN SCHEMA orders_actors");
        foreach (var (table, right) in new[]
        {
            ("events", "DELETE"), ("events", "INSERT"), ("partitions", "UPDATE"), ("api_keys", "INSERT"),
            ("key_ring", "SELECT"),
            ("orleansmembershiptable", "UPDATE"), ("log_epoch", "UPDATE"), ("orleansquery", "SELECT"),
        })
        {
            await _database.SqlAsync($"REVOKE {right} ON orders_actors.{table} FROM {_role}");
            await IsMissingAsync($"{right} on the table orders_actors.{table}", $"{right} ON orders_actors.{table}");
        }

        await _database.SqlAsync("REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA orders_actors FROM PUBLIC");
        await IsMissingAsync(
            "EXECUTE on the function orders_actors.append_events", "EXECUTE ON ALL FUNCTIONS IN SCHEMA orders_actors");
        await (await OpenAsync(AsRole)).DisposeAsync();
    }

    /// <summary>Asserts that opening fails for a missing privilege, and then grants it.</summary>
    private async Task IsMissingAsync(string right, params string[] grants)
    {
        Assert.EndsWith(
            $"the role {_role} lacks the right {right}", await RefusalAsync(AsRole), StringComparison.Ordinal);
        foreach (var grant in grants)
        {
            await _database!.SqlAsync($"GRANT {grant} TO {_role}");
        }
    }

    private async Task<string> RefusalAsync(string connectionString)
    {
        var e = await Assert.ThrowsAsync<StorageException>(() => OpenAsync(connectionString));
        Assert.DoesNotContain('\n', e.Message);
        return e.Message;
    }

    private Task<PostgresEventLog> OpenAsync(string connectionString) =>
        PostgresEventLog.OpenAsync(
            new PostgresStorageOptions
            {
                ConnectionString = connectionString,
                CommandTimeout = TimeSpan.FromSeconds(20),
                ConnectTimeout = TimeSpan.FromSeconds(20),
            },
            TimeProvider.System, _logger, Cancelled);
}
