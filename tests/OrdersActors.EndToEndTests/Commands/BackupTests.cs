using System.Text.Json;
using OrdersActors.TestServer;

namespace OrdersActors.EndToEndTests.Commands;

/// <summary><c>backup</c> while the server runs, and <c>restore</c> of the backup.</summary>
public sealed class BackupTests
{
    [Fact]
    public async Task Backup_of_a_running_server_is_restored_with_its_events_and_keys()
    {
        var backups = Directory.CreateTempSubdirectory("orders-actors-");
        var file = Path.Combine(backups.FullName, "orders.db");
        await using var server = await ServerProcess.StartAsync();
        var (key, _) = await server.CreateKeyAsync("acme");
        await server.PublishAsync("acme", "o-1", "created");
        var backup = await server.RunAsync("backup", "--to", file);
        Assert.True(backup.ExitCode == 0, backup.ToString());
        Assert.Equal(1, JsonSerializer.Deserialize<JsonElement>(backup.Output).GetProperty("events").GetInt64());
        Assert.Contains(server.DataDirectory, backup.Error, StringComparison.Ordinal);
        await Failing.WithOneLineAsync(server.RunAsync("backup", "--to", file), file, "exists");
        await server.PublishAsync("acme", "o-1", "paid");
        await server.StopAsync();

        Assert.Equal(0, (await server.RunAsync("restore", "--from", file)).ExitCode);
        await server.StartAgainAsync();
        await using var client = await SeedClient.ConnectAsync(server.WebSocketAddress, key);
        await client.SubscribeAsync("o-1");
        var shipped = await server.RunPublishAsync("acme", "o-1", "shipped");
        Assert.Contains("\"version\":2", shipped, StringComparison.Ordinal);
        backups.Delete(recursive: true);
    }

    [Fact]
    public async Task Backup_into_a_missing_folder_is_refused()
    {
        await using var server = ServerProcess.Create();
        await server.CreateKeyAsync("acme");
        await Failing.WithOneLineAsync(
            server.RunAsync("backup", "--to", "/no/such/folder/orders.db"), "/no/such/folder/orders.db");
    }
}
