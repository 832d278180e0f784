using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using OrdersActors.TestServer;

namespace OrdersActors.EndToEndTests.Commands;

/// <summary>The log on standard output.</summary>
public sealed class LogTests
{
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromSeconds(90);

    [Fact]
    public async Task Unread_log_blocks_neither_the_start_nor_events_and_reports_what_it_dropped()
    {
        var lines = new ConcurrentQueue<string>();
        await using var server = ServerProcess.Create(new ServerSettings
        {
            Variables =
            {
                ["Logging__LogLevel__Default"] = "Trace",
                ["Logging__LogLevel__OrdersActors"] = "Trace",
                ["OrdersActors__Log__MaxQueuedBytes"] = "65536",
            },
            OnOutput = lines.Enqueue,
        });
        server.Launch(readsOutput: false);
        await UntilAsync(server.IsReadyAsync);
        for (var i = 0; i < 5; i++)
        {
            await server.PublishAsync("demo", "o-1", $"status-{i}");
            await using var client = await SeedClient.ConnectAsync(server.WebSocketAddress, "demo-key");
            await client.SubscribeAsync("o-1");
        }

        Assert.True(await server.IsReadyAsync());
        server.ReadOutput();
        await UntilAsync(() => Task.FromResult(lines.Any(
            line => line.Contains("[1631] Dropped ", StringComparison.Ordinal))));
    }

    [Fact]
    public async Task Json_log_has_one_object_per_line_with_times_in_utc_and_names_the_version_and_the_schema()
    {
        var lines = new ConcurrentQueue<string>();
        await using (var server = await ServerProcess.StartAsync(new ServerSettings
        {
            // Another time zone than UTC.
            Variables = { ["OrdersActors__Log__Format"] = "json", ["TZ"] = "Asia/Tokyo" },
            OnOutput = lines.Enqueue,
        }))
        {
            await server.StopAsync();
        }

        var started = lines.Select(line => JsonDocument.Parse(line).RootElement)
            .Single(line => line.GetProperty("EventId").GetInt32() == 1630);
        var state = started.GetProperty("State");
        Assert.Matches(@"^\d+\.\d+\.\d+", state.GetProperty("Version").GetString());
        Assert.Matches(@"^SQLite, schema \d+$", state.GetProperty("Storage").GetString());
        var at = DateTimeOffset.Parse(
            started.GetProperty("Timestamp").GetString()!, CultureInfo.InvariantCulture);
        Assert.Equal(TimeSpan.Zero, at.Offset);
        Assert.InRange(DateTimeOffset.UtcNow - at, TimeSpan.FromMinutes(-1), TimeSpan.FromHours(1));
    }

    [Fact]
    public async Task Text_log_names_the_version_and_the_schema_at_the_start()
    {
        await using var server = await ServerProcess.StartAsync();
        await UntilAsync(() => Task.FromResult(server.Output.Contains("is ready", StringComparison.Ordinal)));
        Assert.Matches(
            @"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z info: .*StartLine\[1630\] Started OrdersActors \d+\.\d+\.\d+.* "
            + @"with role All\. Storage: SQLite, schema \d+\. Listening on http://127\.0\.0\.1:\d+",
            server.Output);
        Assert.Equal(0, (await server.StopAsync()).ExitCode);
    }

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var timeout = new CancellationTokenSource(WaitTimeout);
        while (!await condition())
        {
            await Task.Delay(100, timeout.Token);
        }
    }
}
