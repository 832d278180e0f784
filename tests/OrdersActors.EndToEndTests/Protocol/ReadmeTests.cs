using System.Text.RegularExpressions;
using Microsoft.Playwright;
using OrdersActors.EndToEndTests.Board;
using OrdersActors.TestServer;

namespace OrdersActors.EndToEndTests.Protocol;

/// <summary>The examples for browsers, run in one as they are printed: whoever copies them gets what the pages promise.</summary>
[Collection(BoardCollection.Name)]
public sealed partial class ReadmeTests(ChromiumFixture chromium)
{
    [Fact]
    public async Task The_example_that_resumes_shows_every_version_once_in_order_whatever_happens_to_the_server()
    {
        chromium.RequireBrowser();
        await using var server = await ServerProcess.StartAsync();
        await server.PublishAsync("demo", "o-1", "created");
        await using var board = await chromium.OpenAsync(server);
        var example = Readme.Protocol.CodeIn("Resuming", "js", "wss://orders.example/ws", server.WebSocketAddress);
        await board.Page.EvaluateAsync($$"""
            () => {
              const [key, order] = ["demo-key", "o-1"];
              window.shown = [];
              const show = event => shown.push(event.version);
              {{example}}
            }
            """);
        await ExpectShownAsync(board.Page, 1);

        var published = 1;
        for (var round = 0; round < 2; round++)
        {
            await PublishAsync(server, 2);
            await ExpectShownAsync(board.Page, published += 2);
            // Killed right after the last one is stored, which need not have been shown.
            await PublishAsync(server, 3);
            await server.KillAsync();
            await server.StartAgainAsync();
            await PublishAsync(server, 3);
            await ExpectShownAsync(board.Page, published += 6);
        }

        await PublishAsync(server, 1);
        await ExpectShownAsync(board.Page, published + 1);
    }

    [Fact]
    public async Task The_first_example_prints_what_stands_under_it()
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

    private static async Task PublishAsync(ServerProcess server, int count)
    {
        await using var service = await PublishingService.ConnectAsync(server.GatewayPort);
        for (var i = 0; i < count; i++)
        {
            await service.PublishAsync("demo", "o-1", "moved");
        }
    }

    private static async Task ExpectShownAsync(IPage page, int newest)
    {
        await page.WaitForFunctionAsync("newest => shown.length >= newest", newest);
        Assert.Equal(Enumerable.Range(1, newest), await page.EvaluateAsync<int[]>("() => shown"));
    }
}
