using System.Text.Json;
using OrdersActors.EndToEndTests.Clients;
using OrdersActors.EndToEndTests.Protocol;
using OrdersActors.TestServer;

namespace OrdersActors.EndToEndTests.Examples;

/// <summary>The subscriber and the publisher in Python, with the WebSockets of Debian's package.</summary>
public sealed class PythonTests
{
    /// <summary>The system's Python has Debian's packages. Another one in PATH may not have them.</summary>
    internal static readonly string Python = File.Exists("/usr/bin/python3") ? "/usr/bin/python3" : "python3";

    private static readonly Dictionary<string, string> Environment = new() { ["ORDERS_API_SECRET"] = "demo-secret" };

    [Fact]
    public async Task Subscriber_prints_every_event_once_when_the_server_and_the_subscriber_are_killed()
    {
        await using var server = await ServerProcess.StartAsync();
        var state = Path.Combine(server.DataDirectory, "position.json");
        await Publish.ToAsync(server, "o-1", "created");
        await using (var first = await SubscribeAsync(server.WebSocketAddress, "--order", "o-1", "--state", state))
        {
            await ExpectAsync(first, "1 created");
            await Publish.RestartAsync(server);
            await Publish.ToAsync(server, "o-1", "paid");
            await ExpectAsync(first, "1 created", "2 paid");
        }

        await Publish.ToAsync(server, "o-1", "packed", "shipped");
        await using var second = await SubscribeAsync(server.WebSocketAddress, "--order", "o-1", "--state", state);
        await ExpectAsync(second, "3 packed", "4 shipped");
    }

    [Fact]
    public async Task Subscriber_starts_again_after_history_was_rewritten()
    {
        await using var server = await ServerProcess.StartAsync();
        await Publish.ToAsync(server, "o-1", "created", "paid");
        await using var subscriber = await SubscribeAsync(server.WebSocketAddress);
        await ExpectAsync(subscriber, "1 created", "2 paid");
        await server.KillAsync();
        Directory.Delete(server.DataDirectory, recursive: true);
        await server.StartAgainAsync();
        await Publish.ToAsync(server, "o-1", "created again");
        await ExpectAsync(subscriber, "1 created", "2 paid", "reset", "1 created again");
    }

    [Fact]
    public async Task Subscriber_leaves_a_dead_connection_that_was_not_closed()
    {
        await using var server = await ServerProcess.StartAsync();
        await Publish.ToAsync(server, "o-1", "created");
        await using var proxy = new SwallowingProxy(server.BaseAddress);
        var address = new UriBuilder(proxy.Address) { Scheme = "ws", Path = "/ws" }.Uri;
        await using var subscriber = await SubscribeAsync(address, "--ping", "2");
        await ExpectAsync(subscriber, "1 created");
        proxy.Swallow();
        await Publish.ToAsync(server, "o-1", "paid");
        await ExpectAsync(subscriber, "1 created", "2 paid");
    }

    [Fact]
    public async Task Subscriber_is_subscribed_after_the_log_becomes_readable_again()
    {
        await using var server = await ServerProcess.StartAsync();
        await Publish.ToAsync(server, "o-1", "created");
        var reads = await HeldReads.BeginAsync(server);
        await using var subscriber = await SubscribeAsync(server.WebSocketAddress, "--order", "o-1");
        await subscriber.WaitForErrorAsync("the server is unavailable: temporarily unavailable");
        Assert.Empty(subscriber.Lines);
        reads.Dispose();
        await ExpectAsync(subscriber, "1 created");
    }

    [Fact]
    public async Task Subscriber_with_a_wrong_secret_ends_with_the_reason()
    {
        await using var server = await ServerProcess.StartAsync();
        var secret = new Dictionary<string, string> { ["ORDERS_API_SECRET"] = "wrong" };
        await using var subscriber = ExampleProcess.Start(
            Python, secret, "python/subscriber.py", "--url", server.WebSocketAddress.AbsoluteUri);
        Assert.Equal(1, await subscriber.EndAsync());
        Assert.Contains("refused: invalid authorization_signature", subscriber.Errors);
    }

    [Fact]
    public async Task Publisher_stores_every_event_once_when_the_server_is_killed()
    {
        await using var server = await ServerProcess.StartAsync();
        await using var publisher = ExampleProcess.Start(
            Python, Environment, "python/publisher.py", "--url", server.BaseAddress.AbsoluteUri);
        var lines = string.Join('\n', Enumerable.Range(1, 200).Select(
            n => $$"""{"order_id":"o-1","status":"s{{n}}"}"""));
        var ending = publisher.EndAsync(lines);
        await publisher.WaitForLinesAsync(20);
        await Publish.RestartAsync(server);
        Assert.Equal((0, ""), (await ending, publisher.Errors));
        Assert.Equal(
            Enumerable.Range(1, 200),
            publisher.Lines.Select(line => JsonDocument.Parse(line).RootElement.GetProperty("version").GetInt32()));
        await using var subscriber = await SubscribeAsync(server.WebSocketAddress);
        await ExpectAsync(subscriber, [.. Enumerable.Range(1, 200).Select(n => $"{n} s{n}")]);
    }

    [Fact]
    public async Task Publisher_ends_with_the_field_of_an_invalid_event()
    {
        await using var server = await ServerProcess.StartAsync();
        await using var publisher = ExampleProcess.Start(
            Python, Environment, "python/publisher.py", "--url", server.BaseAddress.AbsoluteUri);
        Assert.Equal(1, await publisher.EndAsync("""{"order_id":"o-1","status":""}"""));
        Assert.Contains("line 1: 400 ", publisher.Errors);
        Assert.Contains("status must not be empty", publisher.Errors);
    }

    private static async Task<ExampleProcess> SubscribeAsync(Uri address, params string[] more)
    {
        var (exitCode, output) = await NodeRuntime.RunAsync(
            Python, null, TimeSpan.FromMinutes(1), "-c", "import websockets");
        TypeScriptPackage.Require(exitCode == 0, $"The Python package websockets is needed: {output}");
        return ExampleProcess.Start(
            Python, Environment,
            ["python/subscriber.py", "--url", address.AbsoluteUri, "--max-delay", "2", .. more]);
    }

    /// <summary>Waits until it has printed exactly these events, as version and status.</summary>
    private static async Task ExpectAsync(ExampleProcess subscriber, params string[] expected)
    {
        var lines = await subscriber.WaitForLinesAsync(expected.Length);
        Assert.Equal(expected, lines.Select(line =>
        {
            var json = JsonDocument.Parse(line).RootElement;
            return json.TryGetProperty("reset", out _)
                ? "reset"
                : $"{json.GetProperty("version")} {json.GetProperty("status")}";
        }));
    }
}
