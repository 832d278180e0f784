using System.Text.Json;
using OrdersActors.EndToEndTests.Protocol;
using OrdersActors.TestServer;

namespace OrdersActors.EndToEndTests.Examples;

/// <summary>The commands with curl, run as printed.</summary>
public sealed class CurlTests
{
    private static readonly Readme Page = new("../Sources/src/examples/curl/README.md");
    private static readonly Dictionary<string, string> NoEnvironment = [];

    [Fact]
    public async Task Commands_publish_read_and_stream()
    {
        await using var server = await ServerProcess.StartAsync();
        Assert.Equal([1], Versions(await RunAsync(server, "bash")));
        Assert.Equal([2], Versions(await RunAsync(server, "sh")));
        var read = await RunAsync(server, "shell");
        Assert.StartsWith("{\"id\":\"paid-1\",", read);
        Assert.EndsWith("]}", read);
        await using var stream = Start(server, "console");
        await stream.WaitForLinesAsync(LinesOf(2));
        await Publish.ToAsync(server, "o-1", "packed");
        var lines = await stream.WaitForLinesAsync(LinesOf(3));
        var events = lines.Where(line => line.StartsWith("data: {\"id\":", StringComparison.Ordinal));
        Assert.Equal([1, 2, 3], Versions(string.Concat(events.Select(line => line["data: ".Length..]))));
    }

    [Fact]
    public async Task Stream_prints_every_event_once_when_the_server_is_killed()
    {
        await using var server = await ServerProcess.StartAsync();
        await Publish.ToAsync(server, "o-1", "created", "paid");
        await using var stream = ExampleProcess.Start(
            "bash",
            new Dictionary<string, string> { ["ORDERS_URL"] = server.BaseAddress.GetLeftPart(UriPartial.Authority) },
            "curl/stream.sh", "o-1");
        await stream.WaitForLinesAsync(2);
        await Publish.RestartAsync(server);
        await Publish.ToAsync(server, "o-1", "packed");
        Assert.Equal([1, 2, 3], Versions(string.Concat(await stream.WaitForLinesAsync(3))));
    }

    /// <summary>
    /// The lines of a stream up to the data of an event: the delay of reconnects, four of the confirmation and of each
    /// event, but not the empty line at the end.
    /// </summary>
    private static int LinesOf(int events) => 1 + (4 * (1 + events)) - 1;

    private static IEnumerable<int> Versions(string objects) =>
        objects.Replace("}{", "}\n{", StringComparison.Ordinal).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonDocument.Parse(line).RootElement.GetProperty("version").GetInt32());

    private static ExampleProcess Start(ServerProcess server, string language) => ExampleProcess.Start(
        "bash", NoEnvironment, "-c", Page.Code(language).Replace(
            "http://localhost:5080", server.BaseAddress.GetLeftPart(UriPartial.Authority), StringComparison.Ordinal));

    private static async Task<string> RunAsync(ServerProcess server, string language)
    {
        await using var curl = Start(server, language);
        Assert.Equal(0, await curl.EndAsync());
        return string.Concat(curl.Lines);
    }
}
