using System.Net.Sockets;
using Npgsql;
using OrdersActors.Storage;
using OrdersActors.Storage.PostgreSql;
using OrdersActors.TestServer;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Storage.PostgreSql;

/// <summary>The log while its PostgreSQL answers with errors.</summary>
public sealed class PostgresErrorsTests(PostgresFixture postgres) : IAsyncLifetime
{
    private readonly RecordingLogger<PostgresEventLog> _logger = new();
    private PostgresDatabase? _database;
    private PostgresEventLog? _log;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private PostgresEventLog Log => _log!;

    public async ValueTask InitializeAsync()
    {
        _database = await postgres.CreateDatabaseAsync();
        _log = await PostgresEventLog.OpenAsync(
            new PostgresStorageOptions
            {
                ConnectionString = _database.ConnectionString,
                CommandTimeout = TimeSpan.FromSeconds(2),
            },
            TimeProvider.System, _logger, Cancelled);
    }

    public async ValueTask DisposeAsync()
    {
        if (_log is not null)
        {
            await _log.DisposeAsync();
            await _database!.DisposeAsync();
        }

        Assert.DoesNotContain(PostgresServer.Password, _logger.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Transaction_that_waits_too_long_is_given_up_and_leaves_nothing_behind()
    {
        await using (await HeldLock.TakeAsync(_database!.ConnectionString, "SELECT FROM partitions FOR UPDATE"))
        {
            var e = await Assert.ThrowsAsync<EventLogUnavailableException>(() => AppendAsync("e-1"));
            Assert.Contains("PostgreSQL does not answer", e.Message, StringComparison.Ordinal);
        }

        Assert.Null(await Log.FindAsync("shop", "e-1", Cancelled));
        Assert.Equal(1, await AppendAsync("e-1"));
        Assert.Equal([1051, 1052], _logger.Ids);
    }

    [Theory]
    [InlineData("disk_full", "PostgreSQL's disk is full")]
    [InlineData("read_only_sql_transaction", "PostgreSQL is read-only")]
    [InlineData("admin_shutdown", "PostgreSQL is shutting down")]
    [InlineData("cannot_connect_now", "PostgreSQL is starting or shutting down")]
    [InlineData("too_many_connections", "PostgreSQL has too many connections")]
    [InlineData("out_of_memory", "PostgreSQL is out of memory")]
    [InlineData("insufficient_privilege", "simulated by the test (42501)")]
    public async Task Refusal_is_explained_and_logged_once_until_it_ends(string condition, string reason)
    {
        await _database!.SqlAsync($"""
            CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
                'BEGIN RAISE {condition} USING MESSAGE = ''simulated by the test''; END';
            CREATE TRIGGER refuse BEFORE INSERT ON orders_actors.events EXECUTE FUNCTION refuse();
            """);
        for (var i = 0; i < 3; i++)
        {
            var e = await Assert.ThrowsAsync<EventLogUnavailableException>(() => AppendAsync("e-1"));
            Assert.Equal($"the event log is unavailable: {reason}", e.Message);
        }

        await _database.SqlAsync("DROP TRIGGER refuse ON orders_actors.events");
        Assert.Equal(1, await AppendAsync("e-1"));
        Assert.Equal([1051, 1052], _logger.Ids);
        Assert.Contains(reason, _logger.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("untranslatable_character", "22P05")]
    [InlineData("character_not_in_repertoire", "22021")]
    [InlineData("program_limit_exceeded", "54000")]
    [InlineData("check_violation", "23514")]
    public async Task Events_that_PostgreSQL_can_never_store_are_refused_and_other_appends_are_stored(
        string condition, string state)
    {
        await _database!.SqlAsync($"""
            CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
                'BEGIN IF NEW.event_id LIKE ''bad-%'' THEN
                RAISE {condition} USING MESSAGE = ''simulated by the test''; END IF; RETURN NEW; END';
            CREATE TRIGGER refuse BEFORE INSERT ON orders_actors.events FOR EACH ROW EXECUTE FUNCTION refuse();
            """);
        var partition = Log.PartitionOf("shop");
        var shops = Enumerable.Range(0, 200).Select(i => $"shop-{i}").Where(shop => Log.PartitionOf(shop) == partition)
            .Take(12).ToArray();
        Task<long>[] appends;
        await using (var held = await HeldLock.TakeAsync(
            _database.ConnectionString, "SELECT FROM partitions FOR UPDATE"))
        {
            // One append is in flight, and the others form the next group.
            var first = AppendAsync("e-1");
            await held.WaitedForAsync(1);
            appends = [first, .. shops.Select((shop, i) => AppendAsync(i % 4 == 3 ? "bad-1" : "e-1", shop))];
        }

        for (var i = 0; i < appends.Length; i++)
        {
            if (i > 0 && i % 4 == 0)
            {
                var e = await Assert.ThrowsAsync<InvalidOrderEventException>(() => appends[i]);
                Assert.Equal($"event cannot be stored: simulated by the test ({state})", e.Message);
            }
            else
            {
                Assert.Equal(1, await appends[i]);
            }
        }

        await _database.SqlAsync("DROP TRIGGER refuse ON orders_actors.events");
        Assert.Equal(1, await AppendAsync("bad-1", shops[3]));
        Assert.Empty(_logger.Ids);
    }

    [Fact]
    public async Task Read_only_database_and_exhausted_connections_are_named()
    {
        await _database!.SqlAsync($"ALTER DATABASE {_database.Name} SET default_transaction_read_only = on");
        await _database.SqlAsync("""
            SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid()
            """);
        await FailsWithAsync("PostgreSQL is read-only");
        await _database.Server.SqlAsync(
            "postgres", $"ALTER DATABASE {_database.Name} RESET default_transaction_read_only");
        // Connections opened while the database was read-only stay read-only. The log discards them on the first error,
        // and new ones may write.
        Assert.Equal(1, await AppendAsync("e-1"));

        await _database.SqlAsync("CREATE ROLE few LOGIN PASSWORD 'few' CONNECTION LIMIT 0");
        var e = await Assert.ThrowsAsync<StorageException>(() => PostgresEventLog.OpenAsync(
            new PostgresStorageOptions
            {
                ConnectionString =
                _database.Server.ConnectionString(_database.Name, "few", "few")
            },
            TimeProvider.System, _logger, Cancelled));
        await _database.SqlAsync("DROP ROLE few");
        Assert.Contains("PostgreSQL has too many connections", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("40001", null, true)]
    [InlineData("40P01", null, true)]
    [InlineData("23505", "orders_name_organization", false)]
    [InlineData("23505", "orders_name", false)]
    public void Only_conflicts_between_transactions_are_retried_at_once(
        string state, string? constraint, bool isConflict)
    {
        var e = new PostgresException("simulated", "ERROR", "ERROR", state, constraintName: constraint);
        Assert.Equal(isConflict, PostgresErrors.IsConflict(e));
        Assert.False(PostgresErrors.IsRejection(e));
        Assert.False(PostgresErrors.IsBroken(e));
    }

    [Fact]
    public void Cause_is_described_however_deep_it_is()
    {
        var refused = new SocketException((int)SocketError.ConnectionRefused);
        Assert.StartsWith(
            "PostgreSQL cannot be reached: ", PostgresErrors.Describe(new NpgsqlException("failed", refused)),
            StringComparison.Ordinal);
        var late = new NpgsqlException("failed", new IOException("failed", new TimeoutException()));
        Assert.Equal("PostgreSQL does not answer in time", PostgresErrors.Describe(late));
        Assert.Equal((true, false), (PostgresErrors.IsTimeout(late), PostgresErrors.IsBroken(late)));
        Assert.False(PostgresErrors.IsBroken(new NpgsqlException("failed", refused)));
        Assert.True(PostgresErrors.IsBroken(
            new NpgsqlException("failed", new SocketException((int)SocketError.ConnectionReset))));
        Assert.False(PostgresErrors.IsDatabase(new InvalidOperationException("a fault")));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Failed_commit_is_not_acknowledged_although_the_numbers_were_returned(bool isReadHere)
    {
        // A waiting reader decides whether a notification follows the append.
        using var reading = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        var news = isReadHere ? Log.WaitForEventsAsync(Log.PartitionOf("shop"), 1, reading.Token) : Task.CompletedTask;
        // Simulates that PostgreSQL is stopped between its answer and the commit.
        await _database!.SqlAsync("""
            CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
                'BEGIN RAISE admin_shutdown USING MESSAGE = ''simulated by the test''; END';
            CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON orders_actors.events DEFERRABLE INITIALLY DEFERRED
                FOR EACH ROW EXECUTE FUNCTION refuse();
            """);
        await FailsWithAsync("PostgreSQL is shutting down");
        Assert.Null(await Log.FindAsync("shop", "e-1", Cancelled));
        await _database.SqlAsync("DROP TRIGGER refuse ON orders_actors.events");
        Assert.Equal(1, await AppendAsync("e-1"));
        await reading.CancelAsync();
        await news.ConfigureAwait(
            ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
    }

    private async Task FailsWithAsync(string reason)
    {
        var e = await Assert.ThrowsAsync<EventLogUnavailableException>(() => AppendAsync("e-1"));
        Assert.Contains(reason, e.Message, StringComparison.Ordinal);
    }

    private async Task<long> AppendAsync(string id, string shop = "shop") => (await Log.AppendAsync(
        shop, [new OrderStatusEvent { Id = id, OrderId = "o", Status = "s" }], Cancelled))[0].Sequence;
}
