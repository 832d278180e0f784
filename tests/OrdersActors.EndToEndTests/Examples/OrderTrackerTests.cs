using System.Text.RegularExpressions;
using OrdersActors.EndToEndTests.Board;
using OrdersActors.TestServer;
using static Microsoft.Playwright.Assertions;

namespace OrdersActors.EndToEndTests.Examples;

/// <summary>The page that tracks an order, in Chromium. The example of a backend serves it.</summary>
[Collection(BoardCollection.Name)]
public sealed class OrderTrackerTests(ChromiumFixture chromium)
{
    [Fact]
    public async Task Tracker_shows_every_event_once_when_the_server_is_killed_and_the_page_is_reloaded()
    {
        chromium.RequireBrowser();
        await using var server = await ServerProcess.StartAsync();
        await using var backend = await NodeBackend.StartAsync(server);
        await Publish.ToAsync(server, "o-1", "created");
        await using var board = await chromium.OpenAsync(server);
        var page = board.Page;
        await page.GotoAsync(new Uri(backend.Address, "/?order=o-1").AbsoluteUri);
        await Expect(page.Locator("#status")).ToHaveTextAsync("created");
        await Expect(page.Locator("#connection")).ToHaveTextAsync("Live");
        await Expect(page.Locator("body")).Not.ToHaveClassAsync("stale");

        await server.KillAsync();
        await Expect(page.Locator("body")).ToHaveClassAsync("stale");
        await server.StartAgainAsync();
        await Publish.ToAsync(server, "o-1", "paid", "packed");

        await Expect(page.Locator("#status")).ToHaveTextAsync("packed");
        string[] timeline = ["^packed, ", "^paid, ", "^created, "];
        await Expect(page.Locator("#timeline li")).ToHaveTextAsync(timeline.Select(entry => new Regex(entry)));
        await page.ReloadAsync();
        await Expect(page.Locator("#timeline li")).ToHaveTextAsync(timeline.Select(entry => new Regex(entry)));
        await Expect(page.Locator("#problem")).ToBeEmptyAsync();
    }

    [Fact]
    public async Task Tracker_of_somebody_elses_order_shows_that_access_is_denied()
    {
        chromium.RequireBrowser();
        await using var backend = await NodeBackend.StartAsync(chromium.Server);
        await Publish.ToAsync(chromium.Server, "foreign-1", "created");
        await using var board = await chromium.OpenAsync();
        await board.Page.GotoAsync(new Uri(backend.Address, "/?order=foreign-1").AbsoluteUri);
        await Expect(board.Page.Locator("#problem")).ToContainTextAsync("access denied");
        await Expect(board.Page.Locator("#timeline li")).ToHaveCountAsync(0);
    }
}
