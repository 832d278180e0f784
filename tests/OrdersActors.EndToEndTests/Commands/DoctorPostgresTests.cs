using OrdersActors.TestServer;

namespace OrdersActors.EndToEndTests.Commands;

/// <summary><c>doctor</c> on PostgreSQL: a healthy cluster, and faults that the tests plant.</summary>
public sealed class DoctorPostgresTests : IAsyncLifetime
{
    private PostgresServer? _postgres;

    private PostgresServer Postgres => _postgres!;

    public async ValueTask InitializeAsync()
    {
        RequiredPostgres.Check();
        // The server of other tests has it off.
        _postgres = await PostgresServer.StartAsync("fsync=on");
    }

    public ValueTask DisposeAsync() => _postgres?.DisposeAsync() ?? ValueTask.CompletedTask;

    [Fact]
    public async Task Healthy_cluster_has_no_findings()
    {
        await using var database = await Postgres.CreateDatabaseAsync();
        await using var first = await StartAsync(database.ConnectionString);
        await using var second = await StartAsync(database.ConnectionString);
        await first.PublishAsync("acme", "o-1", "created");
        (await DoctorReport.RunAsync(first)).ExpectHealthy();
        (await DoctorReport.RunAsync(second)).ExpectHealthy();
        await using var frontEnd = With(("OrdersActors__Gateways", $"{first.Gateway}"));
        (await DoctorReport.RunAsync(frontEnd, "--role", "front-end")).ExpectHealthy();
    }

    [Fact]
    public async Task Empty_database_is_healthy_and_stays_empty()
    {
        await using var database = await Postgres.CreateDatabaseAsync();
        await using var server = On(database.ConnectionString);
        (await DoctorReport.RunAsync(server)).ExpectHealthy();
        Assert.Equal(
            "0", await database.SqlAsync("SELECT count(*) FROM pg_namespace WHERE nspname = 'orders_actors'"));
    }

    [Fact]
    public async Task Wrong_password_is_found()
    {
        await using var database = await Postgres.CreateDatabaseAsync();
        await using var server = On(Postgres.ConnectionString(database.Name, password: "wrong"));
        await StorageProblemAsync(server, "connection", "password");
    }

    [Fact]
    public async Task Server_that_does_not_run_is_found()
    {
        var port = ServerProcess.FreePorts(1)[0];
        await using var server = On($"Host=127.0.0.1;Port={port};Database=orders;Username=orders");
        await StorageProblemAsync(server, "connection", "cannot be reached");
    }

    [Fact]
    public async Task Other_encoding_is_found()
    {
        await Postgres.SqlAsync("postgres", "CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1'");
        await using var server = On(Postgres.ConnectionString("latin"));
        await StorageProblemAsync(server, "encoding", "LATIN1");
    }

    [Fact]
    public async Task Read_only_database_is_found()
    {
        await using var database = await Postgres.CreateDatabaseAsync();
        await database.SqlAsync($"ALTER DATABASE {database.Name} SET default_transaction_read_only = on");
        await using var server = On(database.ConnectionString);
        await StorageProblemAsync(server, "state", "read-only");
    }

    [Fact]
    public async Task Missing_right_is_found()
    {
        await using var database = await Postgres.CreateDatabaseAsync();
        await database.SqlAsync("CREATE ROLE weak LOGIN PASSWORD 'weak'");
        await using var server = On(Postgres.ConnectionString(database.Name, "weak", "weak"));
        await StorageProblemAsync(server, "rights", "weak", "CREATE");
    }

    [Fact]
    public async Task Transaction_pooler_is_found()
    {
        Assert.SkipUnless(PgBouncer.IsInstalled || Environment.GetEnvironmentVariable("CI") == "true",
            "PgBouncer is not installed: apt-get install pgbouncer");
        await using var database = await Postgres.CreateDatabaseAsync();
        await using var pooler = await PgBouncer.StartAsync(Postgres, "transaction");
        await using var server = On(pooler.ConnectionString(database.Name));
        await StorageProblemAsync(server, "pooler", "transaction mode");
    }

    [Fact]
    public async Task Wrong_clock_is_found()
    {
        await using var database = await Postgres.CreateDatabaseAsync();
        await using (var server = await StartAsync(database.ConnectionString))
        {
            await server.StopAsync();
        }

        await database.SqlAsync("""
            CREATE OR REPLACE FUNCTION orders_actors.log_now() RETURNS bigint LANGUAGE sql VOLATILE AS $$
                SELECT (extract(epoch FROM clock_timestamp() - interval '1 hour') * 1000)::bigint
            $$
            """);
        await using var late = On(database.ConnectionString);
        await StorageProblemAsync(late, "clock", "behind");
    }

    [Fact]
    public async Task Commit_that_does_not_wait_for_the_disk_is_found()
    {
        await using var database = await Postgres.CreateDatabaseAsync();
        await database.SqlAsync($"ALTER DATABASE {database.Name} SET synchronous_commit = off");
        await using var server = On(database.ConnectionString);
        await StorageProblemAsync(server, "durability", "synchronous_commit");
    }

    [Fact]
    public async Task Other_cluster_in_the_same_database_is_found()
    {
        await using var database = await Postgres.CreateDatabaseAsync();
        await using var running = await StartAsync(database.ConnectionString);
        await using var other = On(database.ConnectionString, ("OrdersActors__ClusterId", "another"));
        await StorageProblemAsync(other, "cluster", "'orders-actors'", "'another'");
    }

    private static async Task StorageProblemAsync(ServerProcess server, string subject, params string[] words)
    {
        var report = await DoctorReport.RunAsync(server);
        // A fault of the connection also hides the key ring.
        var findings = report.Findings.Where(finding => finding.GetProperty("check").GetString() != "key-ring");
        (report with { Findings = [.. findings] }).ExpectOnly("storage", [subject + ":", .. words]);
    }

    private static async Task<ServerProcess> StartAsync(string connection)
    {
        var server = On(connection);
        await server.StartAgainAsync();
        return server;
    }

    private static ServerProcess On(string connection, params (string Name, string Value)[] more) =>
        With([("ConnectionStrings__OrdersActors", connection), .. more]);

    private static ServerProcess With(params (string Name, string Value)[] variables) =>
        ServerProcess.Create(new ServerSettings
        {
            Variables = new(DoctorReport.FewConnections.Concat(
                variables.Select(pair => KeyValuePair.Create(pair.Name, pair.Value)))),
        });
}
