using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using OrdersActors.Storage;
using OrdersActors.Storage.KeyRing;
using OrdersActors.Storage.PostgreSql;
using OrdersActors.TestServer;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Storage.PostgreSql;

/// <summary>
/// The privileges that the README documents are sufficient. The test runs the README's SQL as a role that is not a
/// superuser.
/// </summary>
public sealed class PostgresRightsTests(PostgresFixture postgres) : IAsyncLifetime
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);

    private readonly RecordingLogger<PostgresEventLog> _logger = new();
    private readonly string[] _sql = ReadmeSql();

    // Roles belong to the whole server, so this test uses unique names.
    private readonly string _admin = $"admin_{Guid.NewGuid():N}";
    private readonly string _owner = $"orders_{Guid.NewGuid():N}";
    private readonly string _server = $"server_{Guid.NewGuid():N}";
    private PostgresDatabase? _database;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private string AsOwner => _database!.Server.ConnectionString(_database.Name, _owner, "a password");

    private string AsServer => _database!.Server.ConnectionString(_database.Name, _server, "another password");

    public async ValueTask InitializeAsync()
    {
        _database = await postgres.CreateDatabaseAsync();
        await _database.SqlAsync($"""
            CREATE ROLE {_admin} LOGIN CREATEROLE PASSWORD 'admin';
            GRANT CREATE ON DATABASE {_database.Name} TO {_admin};
            """);
        await RunReadmeAsync(_sql[0]);
    }

    public async ValueTask DisposeAsync()
    {
        if (_database is not null)
        {
            foreach (var role in (string[])[_server, _owner, _admin])
            {
                await _database.SqlAsync($"DROP OWNED BY {role} CASCADE; DROP ROLE {role}");
            }

            await _database.DisposeAsync();
        }
    }

    [Fact]
    public async Task Owner_of_the_schema_creates_the_tables_and_another_role_uses_them()
    {
        await RunReadmeAsync(_sql[1]);
        await Assert.ThrowsAsync<StorageException>(() => OpenAsync(AsServer));
        await (await OpenAsync(AsOwner)).DisposeAsync();
        await WorksAsync(AsOwner, AsServer);
        await WorksAsync(AsServer, AsOwner);
        await IsRefusedAsync("CREATE TABLE orders_actors.mine ()");
        await IsRefusedAsync("ALTER TABLE orders_actors.events ADD mine text");
        await IsRefusedAsync("TRUNCATE orders_actors.events");
    }

    [Fact]
    public async Task Existing_tables_are_opened_to_another_role()
    {
        await (await OpenAsync(AsOwner)).DisposeAsync();
        await RunReadmeAsync(_sql[1]);
        await Assert.ThrowsAsync<StorageException>(() => OpenAsync(AsServer));
        await RunReadmeAsync(_sql[2]);
        await WorksAsync(AsServer, AsServer);
    }

    [Fact]
    public async Task Real_server_creates_the_tables_as_one_role_and_serves_as_the_other()
    {
        await RunReadmeAsync(_sql[1]);
        foreach (var connectionString in (string[])[AsOwner, AsServer])
        {
            await using var server = await ServerProcess.StartAsync(new ServerSettings
            {
                Environment = "Production",
                Variables = { ["ConnectionStrings__OrdersActors"] = connectionString },
            });
            var (key, secret) = await server.CreateKeyAsync("shop");
            await server.PublishAsync("shop", "o-1", "created");
            await using var client = await SeedClient.ConnectAsync(
                server.WebSocketAddress, key, SeedClient.Sign(key, secret));
            await client.SendAsync(SeedClient.Resume("o-1", 0));
            await client.WaitForEventsAsync(1);
            Assert.Equal(0, (await server.StopAsync()).ExitCode);
        }

        Assert.Equal("2", await _database!.SqlAsync("SELECT count(*) FROM orders_actors.events"));
        Assert.Equal("2", await _database.SqlAsync("SELECT count(*) FROM orders_actors.orleansmembershiptable"));
    }

    /// <summary>Performs all storage operations of a server, and checks that another server is notified.</summary>
    private async Task WorksAsync(string connectionString, string otherConnectionString)
    {
        await using var log = await OpenAsync(connectionString);
        await using var other = await OpenAsync(otherConnectionString);
        var partition = log.PartitionOf("shop");
        var before = (await other.GetOrganizationHeadAsync("shop", Cancelled)).Sequence;
        var news = other.WaitForEventsAsync(partition, before, Cancelled);
        var stored = await log.AppendAsync(
            "shop",
            [
                new OrderStatusEvent { OrderId = "o", Status = "s" },
                new OrderStatusEvent { OrderId = "o", Status = "t" },
            ],
            Cancelled);
        await news.WaitAsync(Timeout, Cancelled);
        Assert.Equal(stored[0], (await other.ReadOrderAsync("shop", "o", stored[0].Version - 1, 10, Cancelled))[0]);
        await log.SaveCheckpointAsync(partition, stored[1].Sequence, log.Epoch, Cancelled);
        // A batch also ends after some milliseconds.
        while ((await log.TrimAsync(
            new RetentionLimits(TimeSpan.FromDays(1), 1, 1, TimeSpan.FromSeconds(1)), Cancelled)).IsMore)
        {
        }

        Assert.Equal(stored[1].Sequence, (await log.GetOrganizationHeadAsync("shop", Cancelled)).Earliest);

        await using var keys = await OpenKeysAsync(connectionString);
        await using var otherKeys = await OpenKeysAsync(otherConnectionString);
        var key = await keys.CreateAsync("shop", Cancelled);
        Assert.Equal(key.Secret, (await otherKeys.FindAsync(key.Key, Cancelled))!.Secrets[0].Value);
        Assert.Equal(KeyChangeOutcome.Changed, (await otherKeys.RotateAsync(key.Key, Cancelled)).Outcome);
        await otherKeys.RecordUsesAsync([new ApiKeyUse(key.Key, DateTimeOffset.UtcNow)], Cancelled);
        Assert.NotNull(await otherKeys.RevokeAsync(key.Key, Cancelled));
    }

    private async Task IsRefusedAsync(string sql)
    {
        var e = await Assert.ThrowsAsync<PostgresException>(() => RunAsync(AsServer, sql));
        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, e.SqlState);
    }

    private Task RunReadmeAsync(string sql) => RunAsync(
        _database!.Server.ConnectionString(_database.Name, _admin, "admin"),
        Regex.Replace(sql.Replace("orders_server", _server, StringComparison.Ordinal), @"\borders\b", _owner));

    private static async Task RunAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection($"{connectionString};Pooling=false");
        await connection.OpenAsync(Cancelled);
        // The SQL consists of the README's text and constants.
#pragma warning disable CA2100
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(Cancelled);
    }

    private static PostgresStorageOptions Options(string connectionString) => new()
    {
        ConnectionString = connectionString,
        CommandTimeout = TimeSpan.FromSeconds(20),
        PollInterval = TimeSpan.FromMinutes(1),
    };

    private Task<PostgresEventLog> OpenAsync(string connectionString) =>
        PostgresEventLog.OpenAsync(Options(connectionString), TimeProvider.System, _logger, Cancelled);

    /// <summary>The API key store, encrypted with the key ring in the database.</summary>
    private static Task<PostgresApiKeyStore> OpenKeysAsync(string connectionString)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddOrderDataProtection(Options(connectionString));
        return PostgresApiKeyStore.OpenAsync(
            Options(connectionString), services.BuildServiceProvider().GetRequiredService<IDataProtectionProvider>(),
            TimeProvider.System, cancellationToken: Cancelled);
    }

    private static string[] ReadmeSql([CallerFilePath] string here = "") =>
    [
        .. File.ReadAllText(
            Path.Combine(Path.GetDirectoryName(here)!, "../../../../src/OrdersActors.Storage/PostgreSql/README.md"))
            .Split("```sql")[1..]
            .Select(block => block[..block.IndexOf("```", StringComparison.Ordinal)]),
    ];
}
