using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using OrdersActors.TestServer;

namespace OrdersActors.EndToEndTests.Commands;

/// <summary><c>publish --file</c> that the user ends with Ctrl+C.</summary>
public sealed partial class PublishFileInterruptTests(QuickKeysServer running) : IClassFixture<QuickKeysServer>
{
    // Only a command that hangs takes this long. The command line ends a cancelled command after five seconds.
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromSeconds(60);

    private ServerProcess Server => running.Server;

    [Fact]
    public async Task Interrupted_input_says_how_many_events_are_stored_and_where_to_continue()
    {
        Interrupts.SkipIfIgnored();
        await using var client = await SubscribeAsync("typed");
        using var command = Server.StartCommand("publish", "--file", "-");
        for (var i = 0; i < 3; i++)
        {
            await command.StandardInput.WriteLineAsync(Line("typed", $"s{i}"));
        }

        await command.StandardInput.FlushAsync(TestContext.Current.CancellationToken);
        await client.WaitForEventsAsync(3);
        var error = await InterruptAsync(command);
        Assert.Contains("cancelled", error, StringComparison.Ordinal);
        Assert.Contains("published 3 events", error, StringComparison.Ordinal);
        Assert.Contains(
            "continue with --from-line 4: all lines before it are stored, none after it", error,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Interrupted_file_is_completed_from_the_line_that_the_message_names()
    {
        Interrupts.SkipIfIgnored();
        const int events = 30_000;
        using var file = new TempFile(
            string.Join('\n', Enumerable.Range(0, events).Select(i => Line("file", $"s{i}", $"id-{i}"))));
        await using var client = await SubscribeAsync("file");
        using var command = Server.StartCommand("publish", "--file", file.Path);
        await client.WaitForEventsAsync(1);
        var error = await InterruptAsync(command);
        var stored = Number(Published(), error);
        var next = Number(FromLine(), error);
        Assert.InRange(stored, 1, events - 1);
        // All events are of one organization, so they are stored in the order of the file.
        Assert.Equal(stored + 1, next);

        var rest = await Server.RunAsync("publish", "--file", file.Path, "--from-line", $"{next}");
        Assert.True(rest.ExitCode == 0, rest.ToString());
        using var last = JsonDocument.Parse(await Server.RunPublishAsync("file", "o", "last"));
        Assert.Equal(events + 1, last.RootElement.GetProperty("version").GetInt32());
    }

    /// <summary>Sends SIGINT, and returns what the command wrote to stderr.</summary>
    private static async Task<string> InterruptAsync(System.Diagnostics.Process command)
    {
        var output = command.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = command.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await ServerProcess.SignalAsync(command.Id, "INT");
        try
        {
            await command.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(WaitTimeout);
        }
        catch (TimeoutException)
        {
            command.Kill();
            throw;
        }

        Assert.True(command.ExitCode == 1, $"Exit code {command.ExitCode}: {await output}{await error}");
        Assert.Empty(await output);
        Assert.DoesNotContain("   at ", await error, StringComparison.Ordinal);
        return await error;
    }

    private async Task<SeedClient> SubscribeAsync(string organization)
    {
        var (key, secret) = await Server.CreateKeyAsync(organization);
        var client = await SeedClient.ConnectAsync(Server.WebSocketAddress, key, SeedClient.Sign(key, secret));
        await client.SubscribeAsync();
        return client;
    }

    private static string Line(string organization, string status, string? id = null) => id is null
        ? JsonSerializer.Serialize(new { organization_id = organization, order_id = "o", status })
        : JsonSerializer.Serialize(new { organization_id = organization, order_id = "o", status, id });

    private static int Number(Regex pattern, string text)
    {
        var match = pattern.Match(text);
        Assert.True(match.Success, text);
        return int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@"published (\d+) events")]
    private static partial Regex Published();

    [GeneratedRegex(@"--from-line (\d+)")]
    private static partial Regex FromLine();
}
