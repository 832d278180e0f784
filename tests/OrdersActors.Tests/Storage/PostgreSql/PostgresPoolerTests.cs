using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.DependencyInjection;
using OrdersActors.Storage;
using OrdersActors.Storage.KeyRing;
using OrdersActors.Storage.PostgreSql;
using OrdersActors.TestServer;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Storage.PostgreSql;

/// <summary>A real PgBouncer with its default settings between the servers and PostgreSQL.</summary>
public sealed class PostgresPoolerTests(PostgresFixture postgres) : IAsyncLifetime
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);

    private readonly RecordingLogger<PostgresEventLog> _logger = new();
    private PostgresDatabase? _database;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        RequiredPgBouncer.Check();
        _database = await postgres.CreateDatabaseAsync();
    }

    public ValueTask DisposeAsync() => _database?.DisposeAsync() ?? ValueTask.CompletedTask;

    [Fact]
    public async Task Session_pooler_serves_the_log_notifications_keys_and_a_whole_server()
    {
        await using var bouncer = await PgBouncer.StartAsync(_database!.Server, "session");
        var options = Options(bouncer);
        await using (var log = await PostgresEventLog.OpenAsync(options, TimeProvider.System, _logger, Cancelled))
        await using (var other = await PostgresEventLog.OpenAsync(options, TimeProvider.System, _logger, Cancelled))
        {
            // The poll interval is too long to help, so the news must come from a notification.
            var news = other.WaitForEventsAsync(other.PartitionOf("shop"), 0, Cancelled);
            for (var i = 1; i <= 20; i++)
            {
                Assert.Equal(i, await AppendAsync(log, $"e-{i}"));
            }

            await news.WaitAsync(Timeout, Cancelled);
            Assert.Equal(20, (await other.ReadOrganizationAsync("shop", 0, 100, Cancelled)).Count);
        }

        var services = new ServiceCollection();
        services.AddLogging();
        services.AddOrderDataProtection(options);
        await using var provider = services.BuildServiceProvider();
        await using (var keys = await PostgresApiKeyStore.OpenAsync(
            options, provider.GetRequiredService<IDataProtectionProvider>(), TimeProvider.System,
            cancellationToken: Cancelled))
        {
            var key = await keys.CreateAsync("shop", Cancelled);
            Assert.Equal(key.Secret, (await keys.FindAsync(key.Key, Cancelled))!.Secrets[0].Value);
        }

        await using var server = await ServerProcess.StartAsync(new ServerSettings
        {
            Environment = "Production",
            Variables = { ["ConnectionStrings__OrdersActors"] = options.ConnectionString },
        });
        await server.PublishAsync("shop", "o-1", "created");
        Assert.Equal(0, (await server.StopAsync()).ExitCode);
    }

    [Theory]
    [InlineData("transaction", false)]
    [InlineData("transaction", true)]
    public async Task Transaction_pooler_is_refused_at_the_start_in_one_line(string poolMode, bool isBusy)
    {
        await using var bouncer = await PgBouncer.StartAsync(_database!.Server, poolMode);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        var others = isBusy ? Enumerable.Range(0, 8).Select(_ => AskAsync(bouncer, ended.Token)).ToArray() : [];
        for (var i = 0; i < 5; i++)
        {
            var e = await Assert.ThrowsAsync<StorageException>(() =>
                PostgresEventLog.OpenAsync(Options(bouncer), TimeProvider.System, _logger, Cancelled));
            Assert.Contains(
                "a connection pooler in transaction mode is in between", e.Message, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', e.Message);
        }

        await ended.CancelAsync();
        await Task.WhenAll(others);
        Assert.Equal("", await _database.SqlAsync("SELECT nspname FROM pg_namespace WHERE nspname = 'orders_actors'"));
    }

    private static PostgresStorageOptions Options(PgBouncer bouncer, string database) => new()
    {
        ConnectionString = bouncer.ConnectionString(database),
        PollInterval = TimeSpan.FromMinutes(1),
        ConnectTimeout = TimeSpan.FromSeconds(20),
        CommandTimeout = TimeSpan.FromSeconds(20),
    };

    private static async Task<long> AppendAsync(PostgresEventLog log, string id) => (await log.AppendAsync(
        "shop", [new OrderStatusEvent { Id = id, OrderId = "o", Status = "s" }], Cancelled))[0].Sequence;

    /// <summary>Another client's queries through the same pooler.</summary>
    private async Task AskAsync(PgBouncer bouncer, CancellationToken ended)
    {
        await using var connection = new Npgsql.NpgsqlConnection(
            $"{bouncer.ConnectionString(_database!.Name)};Pooling=false");
        await connection.OpenAsync(Cancelled);
        await using var command = new Npgsql.NpgsqlCommand("SELECT 1", connection);
        while (!ended.IsCancellationRequested)
        {
            await command.ExecuteScalarAsync(Cancelled);
        }
    }

    private PostgresStorageOptions Options(PgBouncer bouncer) => Options(bouncer, _database!.Name);
}
