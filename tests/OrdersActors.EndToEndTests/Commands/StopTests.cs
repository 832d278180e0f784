using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using OrdersActors.TestServer;

namespace OrdersActors.EndToEndTests.Commands;

/// <summary>
/// A server that is asked to stop notifies its clients, commits what it has accepted, and exits within ten seconds.
/// </summary>
public sealed partial class StopTests
{
    // The documented limit; a stop takes about a second.
    private static readonly TimeSpan Promise = TimeSpan.FromSeconds(10);

    [Theory]
    [InlineData("TERM")]
    [InlineData("INT")]
    public async Task Two_hundred_clients_are_notified_and_the_server_exits_with_0(string signal)
    {
        if (signal == "INT")
        {
            Interrupts.SkipIfIgnored();
        }

        await using var server = await ServerProcess.StartAsync();
        await server.PublishAsync("demo", "o-1", "created");
        var clients = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => OpenAsync(server)));

        var (exitCode, took) = await server.StopAsync(signal);

        Assert.True(exitCode == 0 && took < Promise, $"Exit code {exitCode} after {took}.\n{server.Output}");
        foreach (var client in clients)
        {
            Assert.Equal(1001, await client.WaitForCloseAsync());
            Assert.StartsWith(
                "temporarily unavailable",
                (await client.ExpectErrorAsync("unavailable")).GetProperty("message").GetString(),
                StringComparison.Ordinal);
            await client.DisposeAsync();
        }

        Assert.DoesNotContain("fail:", server.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", server.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Events_acknowledged_while_stopping_are_present_after_a_restart()
    {
        await using var server = await ServerProcess.StartAsync();
        var ledger = new Ledger(server, "demo");
        var single = ledger.PublishUntilRefusedAsync("o-1", TestContext.Current.CancellationToken);
        var many = server.RunAsync(Lines("many", 200_000), ["publish", "--file", "-", "--timeout", "10"]);
        await ledger.WaitForAsync(3);

        var (exitCode, took) = await server.StopAsync();

        Assert.True(exitCode == 0 && took < Promise, $"Exit code {exitCode} after {took}.\n{server.Output}");
        await single;
        var file = await many;
        Assert.True(file.ExitCode == 1, file.ToString());
        var published = long.Parse(Published().Matches(file.Error)[^1].Groups[1].Value, CultureInfo.InvariantCulture);
        await server.StartAgainAsync();
        await ledger.VerifyAsync();
        var next = await server.RunPublishAsync("many", "o-many", "created");
        var sequence = long.Parse(SequenceOf().Match(next).Groups[1].Value, CultureInfo.InvariantCulture);
        Assert.True(published > 0 && sequence > published, $"{published} were acknowledged, and the next is {next}");
    }

    private static async Task<SeedClient> OpenAsync(ServerProcess server)
    {
        var client = await SeedClient.ConnectAsync(server.WebSocketAddress, "demo-key");
        await client.SubscribeAsync("o-1");
        return client;
    }

    private static string Lines(string organization, int count)
    {
        var lines = new StringBuilder();
        for (var i = 0; i < count; i++)
        {
            lines
                .Append(
                    CultureInfo.InvariantCulture,
                    $$"""{"organization_id":"{{organization}}","order_id":"many-{{i % 100}}","status":"s{{i}}"}""")
                .Append('\n');
        }

        return lines.ToString();
    }

    [GeneratedRegex(@"published (\d+) events")]
    private static partial Regex Published();

    [GeneratedRegex(@"""sequence"":(\d+)")]
    private static partial Regex SequenceOf();
}
