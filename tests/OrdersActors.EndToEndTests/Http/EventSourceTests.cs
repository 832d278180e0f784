using Microsoft.Playwright;
using OrdersActors.EndToEndTests.Board;
using OrdersActors.TestServer;

namespace OrdersActors.EndToEndTests.Http;

/// <summary>A browser's own EventSource, which reconnects and resumes without any code of the page.</summary>
[Collection(BoardCollection.Name)]
public sealed class EventSourceTests(ChromiumFixture chromium)
{
    private const string Open = """
        ({ url }) => {
          window.seen = [];
          window.resumed = [];
          const source = new EventSource(url);
          source.addEventListener("subscription", e => window.resumed.push(JSON.parse(e.data).resumed));
          source.addEventListener("event", e => window.seen.push(JSON.parse(e.data).version));
        }
        """;

    [Fact]
    public async Task Browser_sees_each_event_once_and_in_order_while_the_server_is_killed_and_restarted()
    {
        chromium.RequireBrowser();
        await using var server = await ServerProcess.StartAsync();
        await server.PublishAsync("demo", "o-1", "created");
        await using var board = await chromium.OpenAsync(server);
        var page = board.Page;
        var token = StreamClient.TokenFor("o-1", TimeSpan.FromHours(1));
        await page.EvaluateAsync(Open, new { url = $"/v1/orders/o-1/events?last=1&access_token={token}" });
        await SeenAsync(page, 1);
        for (var round = 1; round <= 2; round++)
        {
            await server.PublishAsync("demo", "o-1", $"before {round}");
            await SeenAsync(page, 2 * round);
            await server.KillAsync();
            await server.StartAgainAsync();
            await server.PublishAsync("demo", "o-1", $"after {round}");
            await SeenAsync(page, (2 * round) + 1);
        }

        var resumed = await page.EvaluateAsync<bool[]>("() => window.resumed");
        Assert.Equal([true, true, true], resumed);
    }

    [Fact]
    public async Task Browser_learns_that_the_history_was_rewritten()
    {
        chromium.RequireBrowser();
        await using var server = await ServerProcess.StartAsync();
        await server.PublishAsync("demo", "o-1", "created");
        await server.PublishAsync("demo", "o-1", "paid");
        await using var board = await chromium.OpenAsync(server);
        var token = StreamClient.TokenFor("o-1", TimeSpan.FromHours(1));
        await board.Page.EvaluateAsync(Open, new { url = $"/v1/orders/o-1/events?after=0&access_token={token}" });
        await SeenAsync(board.Page, 2);
        await server.KillAsync();
        Directory.Delete(server.DataDirectory, recursive: true);
        await server.StartAgainAsync();
        await server.PublishAsync("demo", "o-1", "created again");
        await board.Page.WaitForFunctionAsync("() => window.seen.length === 3");
        var seen = await board.Page.EvaluateAsync<long[]>("() => window.seen");
        var resumed = await board.Page.EvaluateAsync<bool[]>("() => window.resumed");
        Assert.Equal([1, 2, 1], seen);
        Assert.Equal([true, false], resumed);
    }

    private static async Task SeenAsync(IPage page, int count)
    {
        await page.WaitForFunctionAsync("count => window.seen.length >= count", count);
        Assert.Equal(
            Enumerable.Range(1, count).Select(version => (long)version),
            await page.EvaluateAsync<long[]>("() => window.seen"));
    }
}
