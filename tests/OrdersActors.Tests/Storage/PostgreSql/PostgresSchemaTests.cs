using Microsoft.AspNetCore.DataProtection;
using Npgsql;
using OrdersActors.Storage;
using OrdersActors.Storage.ApiKeys;
using OrdersActors.Storage.PostgreSql;
using OrdersActors.TestServer;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Storage.PostgreSql;

public sealed class PostgresSchemaTests(PostgresFixture postgres) : IAsyncLifetime
{
    private readonly RecordingLogger<PostgresEventLog> _logger = new();
    private PostgresDatabase? _database;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _database = await postgres.CreateDatabaseAsync();

    public ValueTask DisposeAsync() => _database?.DisposeAsync() ?? ValueTask.CompletedTask;

    [Fact]
    public async Task Concurrent_starts_create_one_schema()
    {
        var logs = await Task.WhenAll(
            Enumerable.Range(0, 10).Select(i => Task.Run(() => OpenAsync(partitions: 2 + i), Cancelled)));
        Assert.Single(logs.Select(log => log.PartitionCount).Distinct());
        Assert.Equal(
            $"{logs[0].PartitionCount}", await _database!.SqlAsync("SELECT count(*) FROM orders_actors.partitions"));
        await Task.WhenAll(logs.Select(
            log => log.AppendAsync("shop", [new OrderStatusEvent { OrderId = "o", Status = "s" }], Cancelled)));
        Assert.Equal(10, (await logs[0].GetOrderHeadAsync("shop", "o", Cancelled))!.Value.Version);
        await Task.WhenAll(logs.Select(log => log.DisposeAsync().AsTask()));
    }

    [Fact]
    public async Task Newer_schema_is_refused()
    {
        await (await OpenAsync()).DisposeAsync();
        await _database!.SqlAsync("UPDATE orders_actors.schema_version SET version = 99");
        var e = await Assert.ThrowsAsync<StorageException>(() => OpenAsync());
        Assert.Contains("newer version", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task First_schema_version_is_migrated_and_keeps_its_data()
    {
        await using (var log = await OpenAsync())
        {
            await log.AppendAsync("shop", [new OrderStatusEvent { OrderId = "o", Status = "s" }], Cancelled);
        }

        await _database!.SqlAsync("""
            DROP TABLE orders_actors.orleansmembershiptable, orders_actors.orleansmembershipversiontable,
                orders_actors.orleansquery,
                orders_actors.key_ring;
            UPDATE orders_actors.schema_version SET version = 1;
            """);
        await using var again = await OpenAsync();
        Assert.Equal(1, (await again.GetOrderHeadAsync("shop", "o", Cancelled))!.Value.Version);
        Assert.Equal("3|10", await _database.SqlAsync(
            "SELECT version, (SELECT count(*) FROM orders_actors.orleansquery) FROM orders_actors.schema_version"));
    }

    [Fact]
    public async Task Released_schema_is_migrated_and_keeps_events_numbers_ids_checkpoints_and_keys()
    {
        await using var released = await ReleasedPostgresLog.CreateAsync(_database!, partitions: 3);
        await released.AppendAsync("shop", "1001", "e-1", "e-2");
        await released.AppendAsync("other", "2001", "e-1");
        await released.AppendAsync("shop", "1002", "e-3");
        await released.AppendAsync("shop", "1001", "e-4");
        await released.SaveCheckpointAsync("shop", 2);
        await released.AddKeyAsync("shop", "oak_1");
        var before = await DataAsync();

        await using var log = await OpenAsync(partitions: 8);
        Assert.Equal(before, await DataAsync());
        Assert.Equal(3, log.PartitionCount);
        Assert.Equal(2, await log.GetCheckpointAsync(log.PartitionOf("shop"), Cancelled));
        Assert.Equal(
            [("1001", "e-1", 1L, 1L), ("1001", "e-2", 2, 2), ("1002", "e-3", 1, 3), ("1001", "e-4", 3, 4)],
            (await log.ReadOrganizationAsync("shop", 0, 10, Cancelled))
                .Select(e => (e.OrderId, e.Id, e.Version, e.Sequence)));
        await using (var keys = await OpenKeysAsync(new EphemeralDataProtectionProvider()))
        {
            var key = (await keys.ListAsync(null, Cancelled)).Single();
            Assert.Equal(("shop", "oak_1"), (key.OrganizationId, key.Key));
            Assert.Equal((ApiKeyAccess.Open, null, null), (key.Access, key.ExpiresAt, key.LastUsedAt));
            Assert.Equal([new ApiKeySecretInfo(1, key.CreatedAt)], key.Secrets);
        }

        // A known id is the same event, and the numbers go on.
        var again = await PublishAsync(log, "shop", "1001", "e-2", """{"a":1}""");
        Assert.Equal((2L, 2L), (again.Version, again.Sequence));
        await Assert.ThrowsAsync<EventConflictException>(() => PublishAsync(log, "shop", "1002", "e-2"));
        var next = await PublishAsync(log, "shop", "1001", "e-5");
        Assert.Equal((4L, 5L), (next.Version, next.Sequence));
        // Two organizations may use the same order id.
        var same = await PublishAsync(log, "other", "1001", "e-5");
        Assert.Equal((1L, 2L), (same.Version, same.Sequence));
        Assert.Equal(4, (await log.GetOrderHeadAsync("shop", "1001", Cancelled))!.Value.Version);
        Assert.Equal(1, (await log.GetOrderHeadAsync("other", "1001", Cancelled))!.Value.Version);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Server_of_each_previous_version_uses_keys_beside_this_version(bool hasFirstStep)
    {
        await using var released = await ReleasedPostgresLog.CreateAsync(_database!, partitions: 1);
        if (hasFirstStep)
        {
            await released.ApplyFirstStepAsync();
        }

        var protection = new EphemeralDataProtectionProvider();
        var protector = ApiKeyProtection.ForSecrets(protection);
        await released.CreateKeyAsync("shop", "oak_1", protector.Protect("oas_1"));
        await using var keys = await OpenKeysAsync(protection);
        await released.CreateKeyAsync("shop", "oak_2", protector.Protect("oas_2"));
        Assert.True(await released.CanStartAsync());

        // A key from before the migration, and one that the previous version created after it.
        foreach (var (key, secret) in new[] { ("oak_1", "oas_1"), ("oak_2", "oas_2") })
        {
            var found = (await keys.FindAsync(key, Cancelled))!;
            Assert.Equal((ApiKeyAccess.Open, null, false), (found.Access, found.ExpiresAt, found.IsRevoked));
            Assert.Equal([new ApiKeySecret(1, secret)], found.Secrets);

            // The previous version finds a valid secret in every phase of a rotation.
            var second = (await keys.RotateAsync(key, Cancelled)).Secret!;
            Assert.Equal(secret, protector.Unprotect((await released.FindKeyAsync(key)).ProtectedSecret));
            await keys.EndRotationAsync(key, keepNewer: true, Cancelled);
            Assert.Equal(second, protector.Unprotect((await released.FindKeyAsync(key)).ProtectedSecret));
        }

        await released.RevokeKeyAsync("oak_1");
        Assert.True((await keys.FindAsync("oak_1", Cancelled))!.IsRevoked);
        await keys.RevokeAsync("oak_2", Cancelled);
        Assert.True((await released.FindKeyAsync("oak_2")).IsRevoked);
        Assert.Equal("scoped-orders-and-epoch\nkey-access\nlighter-appends\nshared-appends", (await _database!.SqlAsync(
            "SELECT step FROM orders_actors.schema_steps ORDER BY applied_at")).Trim());
    }

    [Fact]
    public async Task Server_of_the_first_release_works_beside_this_version_and_can_start_again()
    {
        await using var released = await ReleasedPostgresLog.CreateAsync(_database!, partitions: 1);
        await released.AppendAsync("shop", "1001", "e-1");
        await using var log = await OpenAsync();
        Assert.True(await released.CanStartAsync());

        // Both append to one order in turn.
        await PublishAsync(log, "shop", "1001", "e-2");
        var answer = await released.AppendAsync("shop", "1001", "e-3", "e-4");
        Assert.Equal((4L, 2L, 2L), (answer.Newest, answer.Sequences!.Single(), answer.Versions!.Single()));
        Assert.Equal(5, (await PublishAsync(log, "shop", "1001", "e-5")).Version);
        string[] ids = ["e-1", "e-2", "e-3", "e-4", "e-5"];
        Assert.Equal(ids, (await log.ReadOrderAsync("shop", "1001", 0, 10, Cancelled)).Select(e => e.Id));
        Assert.Equal(ids, (await released.ReadOrderAsync("1001")).Select(e => e.Id));
        Assert.Equal(ids, (await released.ReadOrganizationAsync("shop")).Select(e => e.Id));
        Assert.Equal(ids, (await released.ReadPartitionOfAsync("shop")).Select(e => e.Id));
        Assert.Equal(("shop", 5), await released.OrderHeadAsync("1001"));

        // A repeated id is reported as before, and nothing is stored.
        var repeated = await released.AppendAsync("shop", "1001", "e-6", "e-5");
        Assert.Equal((null, 2L), (repeated.Newest, repeated.RepeatedEvents!.Single()));
        Assert.Null(repeated.ForeignOrders);
        Assert.Null(await log.FindAsync("shop", "e-6", Cancelled));

        await released.SaveCheckpointAsync("shop", 3);
        Assert.Equal(3, await log.GetCheckpointAsync(0, Cancelled));
        await log.SaveCheckpointAsync(0, 4, log.Epoch, Cancelled);
        Assert.Equal(4, await released.CheckpointAsync("shop"));
    }

    [Fact]
    public async Task Server_of_the_first_release_never_reads_another_organizations_order()
    {
        await using var released = await ReleasedPostgresLog.CreateAsync(_database!, partitions: 1);
        await released.AppendAsync("shop", "1001", "e-1");
        await using var log = await OpenAsync();
        await PublishAsync(log, "other", "1001", "e-1");
        // The old function keeps two orders of one name apart. The old query refuses the name, and that is
        // 'unavailable' for a client.
        Assert.Equal(1, (await released.AppendAsync("other", "1001", "e-2")).Versions!.Single());
        Assert.Equal(1, (await released.AppendAsync("shop", "1001", "e-2")).Versions!.Single());
        var e = await Assert.ThrowsAsync<PostgresException>(() => released.ReadOrderAsync("1001"));
        Assert.Equal(PostgresErrorCodes.CardinalityViolation, e.SqlState);
        Assert.Equal(
            [("other", "e-1"), ("other", "e-2")], await released.ReadOrganizationAsync("other"));
    }

    [Fact]
    public async Task Server_of_the_first_release_removes_old_events_of_the_migrated_schema()
    {
        await using var released = await ReleasedPostgresLog.CreateAsync(_database!, partitions: 1);
        await released.AppendAsync("shop", "1001", "e-1");
        await using var log = await OpenAsync();
        await PublishAsync(log, "shop", "1001", "e-2");
        await log.SaveCheckpointAsync(0, 2, log.Epoch, Cancelled);
        Assert.Equal(2, await released.TrimAllAsync("shop"));
        Assert.Equal(new OrderHead(2, 3), await log.GetOrderHeadAsync("shop", "1001", Cancelled));
        Assert.Equal(new OrganizationHead(2, 3), await log.GetOrganizationHeadAsync("shop", Cancelled));
    }

    [Fact]
    public async Task Migration_is_logged_once()
    {
        await using var released = await ReleasedPostgresLog.CreateAsync(_database!, partitions: 8);
        await (await OpenAsync()).DisposeAsync();
        Assert.Single(_logger.Ids, 1058);
        Assert.Contains(
            "running servers of the previous version continue to work", _logger.Text, StringComparison.Ordinal);
        await (await OpenAsync()).DisposeAsync();
        Assert.Single(_logger.Ids, 1058);
    }

    [Fact]
    public async Task New_schema_is_not_a_migration()
    {
        await (await OpenAsync()).DisposeAsync();
        Assert.DoesNotContain(1058, _logger.Ids);
    }

    [Theory]
    [InlineData("keys", "list")]
    [InlineData("epoch", "show")]
    public async Task Command_that_migrates_says_so(params string[] command)
    {
        await using var released = await ReleasedPostgresLog.CreateAsync(_database!, partitions: 8);
        await using var server = ServerProcess.Create(new ServerSettings
        {
            Variables = { ["ConnectionStrings__OrdersActors"] = _database!.ConnectionString },
        });
        var first = await server.RunAsync(command);
        Assert.True(first.ExitCode == 0, first.ToString());
        Assert.Contains(
            "the schema orders_actors in PostgreSQL is being migrated", first.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("migrated", first.Output, StringComparison.Ordinal);
        var second = await server.RunAsync(command);
        Assert.True(second.ExitCode == 0, second.ToString());
        Assert.DoesNotContain("migrated", second.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Host=127.0.0.1;Port=1;Database=d;Username=u;Password=hush-hush", "cannot be reached")]
    [InlineData("Host=no.such.host.invalid;Username=u;Password=hush-hush", "cannot be reached")]
    [InlineData("{server};Password=hush-hush", "refused the user or the password")]
    [InlineData("{server};Database=missing", "does not exist")]
    [InlineData("Nonsense=1;Password=hush-hush", "is not a connection string")]
    [InlineData("Host=h;Port=hush-hush", "is not a connection string")]
    [InlineData("hush-hush", "is not a connection string")]
    [InlineData("Username=u;Password=hush-hush", "is not a connection string")]
    public async Task Unusable_database_is_reported_in_one_line_without_the_password(
        string connectionString, string reason)
    {
        var e = await Assert.ThrowsAsync<StorageException>(
            () => OpenAsync(connectionString.Replace(
                "{server}", _database!.ConnectionString, StringComparison.Ordinal)));
        Assert.Contains(reason, e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
        Assert.DoesNotContain("hush-hush", e.ToString(), StringComparison.Ordinal);
    }

    /// <summary>All rows that a migration must keep.</summary>
    private Task<string> DataAsync() => _database!.SqlAsync("""
        SELECT * FROM orders_actors.events ORDER BY partition, position;
        SELECT * FROM orders_actors.orders ORDER BY id;
        SELECT * FROM orders_actors.organizations ORDER BY id;
        SELECT * FROM orders_actors.partitions ORDER BY partition;
        SELECT * FROM orders_actors.checkpoints ORDER BY partition;
        SELECT key, organization, protected_secret, created_at, revoked_at FROM orders_actors.api_keys ORDER BY key;
        """);

    private static async Task<OrderEvent> PublishAsync(
        PostgresEventLog log, string organization, string order, string id, string? details = null) =>
        (await log.AppendAsync(
            organization, [new OrderStatusEvent { OrderId = order, Id = id, Status = "s", Details = details }],
            Cancelled)).Single();

    private static PostgresStorageOptions Options(string connectionString, int partitions = 8) => new()
    {
        ConnectionString = connectionString,
        PartitionCount = partitions,
        CommandTimeout = TimeSpan.FromSeconds(20),
    };

    private Task<PostgresApiKeyStore> OpenKeysAsync(IDataProtectionProvider protection) =>
        PostgresApiKeyStore.OpenAsync(
            Options(_database!.ConnectionString), protection, TimeProvider.System, cancellationToken: Cancelled);

    private Task<PostgresEventLog> OpenAsync(string? connectionString = null, int partitions = 8) =>
        PostgresEventLog.OpenAsync(
            Options(connectionString ?? _database!.ConnectionString, partitions), TimeProvider.System, _logger,
            Cancelled);
}
