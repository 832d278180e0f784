using OrdersActors.TestServer;

namespace OrdersActors.EndToEndTests.Commands;

/// <summary><c>restore</c> and <c>epoch</c> on the data directory of one server.</summary>
public sealed class RestoreTests
{
    [Fact]
    public async Task Backup_is_restored_only_while_no_server_runs_and_begins_an_epoch_that_the_server_keeps()
    {
        await using var server = await ServerProcess.StartAsync();
        await server.PublishAsync("demo", "o-1", "created");
        var first = await EpochAsync(server);
        var backup = Path.Combine(server.DataDirectory, "backup.db");
        await Failing.WithOneLineAsync(server.RunAsync("restore", "--from", backup), backup, "does not exist");
        await Failing.WithOneLineAsync(server.RunAsync("epoch", "new"), server.DataDirectory, "in use");
        await server.StopAsync();
        File.Copy(Path.Combine(server.DataDirectory, "orders.db"), backup);

        await server.StartAgainAsync();
        Assert.Equal(first, await EpochAsync(server));
        await server.PublishAsync("demo", "o-1", "paid");
        await Failing.WithOneLineAsync(server.RunAsync("restore", "--from", backup), server.DataDirectory, "in use");
        await server.StopAsync();
        var restored = await server.RunAsync("restore", "--from", backup);
        Assert.True(restored.ExitCode == 0, restored.ToString());
        Assert.Contains("holds the 1 events", restored.Output, StringComparison.Ordinal);
        var second = await EpochAsync(server);
        Assert.NotEqual(first, second);

        await server.StartAgainAsync();
        Assert.Equal(second, await EpochAsync(server));
        // Version 2 is assigned again, because the backup did not contain it.
        var shipped = await server.RunPublishAsync("demo", "o-1", "shipped");
        Assert.Contains("\"version\":2", shipped, StringComparison.Ordinal);
        await server.StopAsync();
        Assert.DoesNotContain("[1003]", server.Output, StringComparison.Ordinal);

        Assert.Equal(0, (await server.RunAsync("epoch", "new")).ExitCode);
        Assert.NotEqual(second, await EpochAsync(server));
    }

    [Fact]
    public async Task Backup_copied_into_the_folder_is_recognized_at_the_next_start()
    {
        await using var server = await ServerProcess.StartAsync();
        await server.PublishAsync("demo", "o-1", "created");
        await server.StopAsync();
        var first = await EpochAsync(server);
        var database = Path.Combine(server.DataDirectory, "orders.db");
        File.Copy(database, database + ".backup");
        await server.StartAgainAsync();
        await server.PublishAsync("demo", "o-1", "paid");
        await server.StopAsync();
        File.Move(database + ".backup", database, overwrite: true);

        await server.StartAgainAsync();
        Assert.NotEqual(first, await EpochAsync(server));
        await server.StopAsync();
        Assert.Contains("[1003]", server.Output, StringComparison.Ordinal);
    }

    private static async Task<string> EpochAsync(ServerProcess server)
    {
        var result = await server.RunAsync("epoch", "show");
        Assert.True(result.ExitCode == 0, result.ToString());
        return result.Output.Trim();
    }
}
