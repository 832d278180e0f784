using OrdersActors.EndToEndTests.Board;
using OrdersActors.TestServer;
using static Microsoft.Playwright.Assertions;

namespace OrdersActors.EndToEndTests.Clients;

/// <summary>
/// The built TypeScript client in Chromium, with a real server: the timelines of an order and of its organization show
/// each event once and in order.
/// </summary>
[Collection(BoardCollection.Name)]
public sealed class BrowserClientTests(ChromiumFixture chromium)
{
    // Longer than the client's silence of 25 s before a ping, so that it notices the lost network in any case.
    private static readonly TimeSpan OfflineTime = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Events_published_while_the_device_was_offline_come_once_and_in_order()
    {
        await using var server = await StartAsync();
        await using var page = await TimelinePage.OpenAsync(chromium, server);
        await PublishAsync(server, "paid");
        await page.ExpectAsync("2 paid");

        await page.Page.Context.SetOfflineAsync(true);
        await page.ExpectStateAsync("^waiting$");
        await PublishAsync(server, "packed", "shipped", "delivered");
        await Task.Delay(OfflineTime, TestContext.Current.CancellationToken);
        await page.ExpectStateAsync("^waiting$");
        await page.ExpectAsync("2 paid");
        await page.Page.Context.SetOfflineAsync(false);

        await page.ExpectAsync("2 paid", "3 packed", "4 shipped", "5 delivered");
        await PublishAsync(server, "returned");
        await page.ExpectAsync("2 paid", "3 packed", "4 shipped", "5 delivered", "6 returned");
        await page.ExpectGapsAsync();
    }

    [Theory]
    [InlineData("sessionStorage")]
    [InlineData("localStorage")]
    public async Task Reloaded_page_continues_after_its_stored_position(string store)
    {
        await using var server = await StartAsync();
        await using var page = await TimelinePage.OpenAsync(chromium, server, store);
        await PublishAsync(server, "paid", "packed");
        await page.ExpectAsync("2 paid", "3 packed");

        await page.Page.ReloadAsync();
        await PublishAsync(server, "shipped");
        await page.ExpectAsync("2 paid", "3 packed", "4 shipped");
        // Another page, so that the events come while nobody listens.
        await page.Page.GotoAsync("about:blank");
        await PublishAsync(server, "delivered", "returned");
        await page.GoAsync();

        await page.ExpectAsync("2 paid", "3 packed", "4 shipped", "5 delivered", "6 returned");
        await PublishAsync(server, "refunded");
        await page.ExpectAsync("2 paid", "3 packed", "4 shipped", "5 delivered", "6 returned", "7 refunded");
        await page.ExpectGapsAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Page_that_was_hidden_and_frozen_gets_what_it_missed(bool isRestarted)
    {
        await using var server = await StartAsync();
        await using var page = await TimelinePage.OpenAsync(chromium, server);
        await PublishAsync(server, "paid");
        await page.ExpectAsync("2 paid");

        await page.HideAsync();
        var frozen = await FrozenPage.FreezeAsync(page.Page);
        await PublishAsync(server, "packed");
        if (isRestarted)
        {
            await server.KillAsync();
            await server.StartAgainAsync();
        }

        await PublishAsync(server, "shipped", "delivered");
        Assert.Equal(0, await frozen.ThawAsync());
        await page.ShowAsync();

        await page.ExpectAsync("2 paid", "3 packed", "4 shipped", "5 delivered");
        await PublishAsync(server, "returned");
        await page.ExpectAsync("2 paid", "3 packed", "4 shipped", "5 delivered", "6 returned");
        await Expect(page.Life).ToHaveTextAsync(["visibilitychange hidden", "visibilitychange visible"]);
        await page.ExpectGapsAsync();
    }

    [Fact]
    public async Task Events_of_a_server_that_is_killed_and_started_again_come_once_and_in_order()
    {
        await using var server = await StartAsync();
        await using var page = await TimelinePage.OpenAsync(chromium, server);
        List<string> expected = [];
        for (var round = 1; round <= 2; round++)
        {
            foreach (var moment in new[] { "before", "after" })
            {
                await PublishAsync(server, $"{moment} {round}");
                expected.Add($"{expected.Count + 2} {moment} {round}");
                if (moment == "before")
                {
                    await page.ExpectAsync([.. expected]);
                    await server.KillAsync();
                    await server.StartAgainAsync();
                }
            }

            await page.ExpectAsync([.. expected]);
        }

        await page.ExpectGapsAsync();
    }

    [Fact]
    public async Task Rewritten_history_is_reported_and_replaces_what_the_page_showed()
    {
        await using var server = await StartAsync();
        await server.StopAsync();
        var backup = Path.Combine(server.DataDirectory, "backup.db");
        File.Copy(Path.Combine(server.DataDirectory, "orders.db"), backup);
        await server.StartAgainAsync();
        await using var page = await TimelinePage.OpenAsync(chromium, server, "sessionStorage");
        await PublishAsync(server, "paid", "packed");
        await page.ExpectAsync("2 paid", "3 packed");

        await server.StopAsync();
        var restored = await server.RunAsync("restore", "--from", backup);
        Assert.True(restored.ExitCode == 0, restored.ToString());
        await server.StartAgainAsync();
        await PublishAsync(server, "shipped");

        await page.ExpectAsync("1 created", "2 shipped");
        await page.ExpectGapsAsync("order 4 1 true", "organization 4 1 true");
        // The stored positions are of the new history.
        await page.GoAsync();
        await PublishAsync(server, "delivered");
        await page.ExpectAsync("1 created", "2 shipped", "3 delivered");
        await page.ExpectGapsAsync("order 4 1 true", "organization 4 1 true");
    }

    [Fact]
    public async Task Events_that_are_no_longer_kept_are_reported_as_a_gap()
    {
        await using var server = await StartAsync();
        await using var page = await TimelinePage.OpenAsync(chromium, server);
        await PublishAsync(server, "paid");
        await page.ExpectAsync("2 paid");

        await page.Page.Context.SetOfflineAsync(true);
        await page.ExpectStateAsync("^waiting$");
        await PublishAsync(server, "packed", "shipped", "delivered");
        await server.KillAsync();
        BoardResumeTests.ForgetOldEvents(server);
        await server.StartAgainAsync();
        await page.Page.Context.SetOfflineAsync(false);

        // Only the order is checked, because the deletion does not change the organization's own records.
        await Expect(page.Page.Locator("#order li")).ToHaveTextAsync(["2 paid", "5 delivered"]);
        await Expect(page.Page.Locator("#gaps li").Filter(new() { HasText = "order" }))
            .ToHaveTextAsync(["order 3 5 false"]);
    }

    /// <summary>Starts a server whose only order has its first event, so that version and sequence are equal.</summary>
    private async Task<ServerProcess> StartAsync()
    {
        chromium.RequireBrowser();
        var server = await ServerProcess.StartAsync();
        await PublishAsync(server, "created");
        return server;
    }

    private static async Task PublishAsync(ServerProcess server, params string[] statuses)
    {
        await using var service = await PublishingService.ConnectAsync(server.GatewayPort);
        foreach (var status in statuses)
        {
            await service.PublishAsync("demo", TimelinePage.Order, status);
        }
    }
}
