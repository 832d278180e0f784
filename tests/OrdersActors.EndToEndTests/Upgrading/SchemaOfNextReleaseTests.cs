using Microsoft.Data.Sqlite;
using OrdersActors.EndToEndTests.Commands;
using OrdersActors.TestServer;

namespace OrdersActors.EndToEndTests.Upgrading;

/// <summary>
/// The previous release starts on a database that a newer version has used. An expand step does not prevent this, a
/// contract step does.
/// </summary>
public sealed class SchemaOfNextReleaseTests
{
    [Fact]
    public async Task Previous_release_restarts_on_an_expanded_PostgreSQL_schema_and_refuses_a_contracted_one()
    {
        RequiredPostgres.Check();
        var previous = await PreviousRelease.BuiltAsync();
        await using var cluster = await ServerCluster.StartAsync(
            new ClusterSettings { Roles = [ServerRole.All, ServerRole.All] });
        var (running, restarted) = (cluster.Servers[0], cluster.Servers[1]);
        await restarted.StopAsync();
        // The next release would do this at its start: it adds things that no statement of older versions mentions.
        await cluster.Postgres.SqlAsync("orders", """
            ALTER TABLE orders_actors.events ADD COLUMN added_later text;
            CREATE TABLE orders_actors.added_later (id integer PRIMARY KEY);
            INSERT INTO orders_actors.schema_steps (step) VALUES ('step-of-the-next-release');
            """);

        restarted.Executable = previous;
        await restarted.StartAgainAsync();

        // The publish command of each version connects to the server of the other one.
        foreach (var (publisher, server) in new[] { (running, restarted), (restarted, running) })
        {
            await publisher.RunPublishAsync("demo", "o-1", "expanded", "--gateway", $"{server.Gateway}");
        }

        foreach (var server in cluster.Servers)
        {
            await using var client = await SeedClient.ConnectAsync(server.WebSocketAddress, "demo-key");
            await client.SendAsync(SeedClient.Resume("o-1", 0));
            await client.WaitForEventsAsync(2);
        }

        await restarted.StopAsync();
        await cluster.Postgres.SqlAsync(
            "orders", "UPDATE orders_actors.schema_version SET version = version + 1");
        await Failing.WithOneLineAsync(restarted.RunAsync("serve"), "has schema", "was used by a newer version");
    }

    [Fact]
    public async Task Previous_release_starts_on_an_expanded_SQLite_database_and_refuses_a_contracted_one()
    {
        var previous = await PreviousRelease.BuiltAsync();
        await using var server = await ServerProcess.StartAsync();
        await server.PublishAsync("demo", "o-1", "created");
        await server.StopAsync();
        Execute(server, "ALTER TABLE events ADD COLUMN added_later TEXT");

        server.Executable = previous;
        await server.StartAgainAsync();
        await server.PublishAsync("demo", "o-1", "paid");
        await using (var client = await SeedClient.ConnectAsync(server.WebSocketAddress, "demo-key"))
        {
            await client.SendAsync(SeedClient.Resume("o-1", 0));
            await client.WaitForEventsAsync(2);
        }

        await server.StopAsync();
        var version = Execute(server, "PRAGMA user_version");
        Execute(server, $"PRAGMA user_version = {version + 1}");
        await Failing.WithOneLineAsync(server.RunAsync("serve"), "has schema", "was used by a newer version");
    }

    private static long Execute(ServerProcess server, string sql)
    {
        var file = Path.Combine(server.DataDirectory, "orders.db");
        using var connection = new SqliteConnection($"Data Source={file};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Only constants and numbers are executed here.
        command.CommandText = sql;
#pragma warning restore CA2100
        return command.ExecuteScalar() as long? ?? 0;
    }
}
