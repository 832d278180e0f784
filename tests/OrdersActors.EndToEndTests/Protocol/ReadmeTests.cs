using System.Text.RegularExpressions;
using OrdersActors.EndToEndTests.Board;
using OrdersActors.TestServer;

namespace OrdersActors.EndToEndTests.Protocol;

/// <summary>
/// Runs the first example for browsers unchanged in a browser. <see cref="SnippetTests"/> runs the example of the
/// protocol page.
/// </summary>
[Collection(BoardCollection.Name)]
public sealed partial class ReadmeTests(ChromiumFixture chromium)
{
    [Fact]
    public async Task First_example_prints_the_documented_output()
    {
        chromium.RequireBrowser();
        await using var server = await ServerProcess.StartAsync();
        await server.PublishAsync("demo", "o-1", "created");
        await using var board = await chromium.OpenAsync(server);
        const string section = "For developers of browser and mobile apps";
        var example = Readme.Top.CodeIn(section, "js", "ws://localhost:5080/ws", server.WebSocketAddress);
        await board.Page.EvaluateAsync($$"""
            () => {
              window.printed = [];
              const console = { log: message => printed.push(JSON.stringify(message)) };
              {{example}}
            }
            """);
        await board.Page.WaitForFunctionAsync("() => printed.length === 2");
        await server.PublishAsync("demo", "o-1", "paid");
        await board.Page.WaitForFunctionAsync("() => printed.length === 3");

        var printed = await board.Page.EvaluateAsync<string[]>("() => printed");
        printed[2] = Time.Replace(Id.Replace(printed[2], "\"id\":\"…\""), "\"occurred_at\":\"…Z\"");
        Assert.Equal(Readme.Top.CodeIn(section).TrimEnd().Split('\n'), printed);
    }

    [GeneratedRegex("\"id\":\"[^\"]+\"")]
    private static partial Regex Id { get; }

    [GeneratedRegex("\"occurred_at\":\"[^\"]+Z\"")]
    private static partial Regex Time { get; }
}
