using Microsoft.Playwright;
using OrdersActors.EndToEndTests.Board;
using OrdersActors.EndToEndTests.Protocol;
using OrdersActors.TestServer;
using static Microsoft.Playwright.Assertions;

namespace OrdersActors.EndToEndTests.Examples;

/// <summary>The page with React, built as its README says and run in Chromium.</summary>
[Collection(BoardCollection.Name)]
public sealed class OrderDeskTests(ChromiumFixture chromium)
{
    private static readonly TimeSpan NpmTimeout = TimeSpan.FromMinutes(5);

    [Fact]
    public async Task Desk_shows_the_orders_that_changed_last_when_the_server_is_killed()
    {
        chromium.RequireBrowser();
        await using var server = await ServerProcess.StartAsync();
        await using var backend = await NodeBackend.StartAsync(server);
        await NpmAsync("ci", "--prefer-offline");
        await NpmAsync("run", "build");
        await Publish.ToAsync(server, "o-1", "created");
        await Publish.ToAsync(server, "o-2", "created", "paid");
        await using var board = await chromium.OpenAsync(server);
        var page = board.Page;
        await page.GotoAsync(new Uri(backend.Address, "/desk").AbsoluteUri);
        var orders = page.GetByRole(AriaRole.List, new() { Name = "Orders" }).GetByRole(AriaRole.Listitem);
        await Expect(orders).ToHaveTextAsync(["o-2 paid", "o-1 created"]);
        await page.GetByRole(AriaRole.Button, new() { Name = "o-1" }).ClickAsync();
        var chosen = page.GetByRole(AriaRole.Region, new() { Name = "o-1" });
        await Expect(chosen.GetByRole(AriaRole.Status)).ToHaveTextAsync("created");

        await server.KillAsync();
        await Expect(page.Locator("#connection")).Not.ToHaveTextAsync("connected");
        await server.StartAgainAsync();
        await Publish.ToAsync(server, "o-1", "paid", "packed");

        await Expect(orders).ToHaveTextAsync(["o-1 packed", "o-2 paid"]);
        await Expect(chosen.GetByRole(AriaRole.Status)).ToHaveTextAsync("packed");
        await Expect(chosen).ToContainTextAsync("version 3, ");
        await Expect(page.Locator("#connection")).ToHaveTextAsync("connected");
        await Expect(page.GetByRole(AriaRole.Alert)).ToHaveCountAsync(0);
    }

    private static async Task NpmAsync(params string[] arguments)
    {
        var (exitCode, output) = await NodeRuntime.RunAsync(
            "npm", Path.Combine(ExampleProcess.Folder, "react"), NpmTimeout, arguments);
        Assert.True(exitCode == 0, output);
    }
}
