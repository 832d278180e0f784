using System.Text.RegularExpressions;
using Microsoft.Playwright;
using OrdersActors.TestServer;
using static Microsoft.Playwright.Assertions;

namespace OrdersActors.EndToEndTests.Board;

/// <summary>The page works on a phone, with a keyboard, with a screen reader, and in dark mode.</summary>
[Collection(BoardCollection.Name)]
public sealed class BoardAccessTests(ChromiumFixture chromium)
{
    public static TheoryData<int, ColorScheme> Screens => new()
    {
        { 320, ColorScheme.Light }, { 360, ColorScheme.Light }, { 360, ColorScheme.Dark },
        { 1280, ColorScheme.Light }, { 1280, ColorScheme.Dark }, { 2560, ColorScheme.Light },
    };

    [Theory, MemberData(nameof(Screens))]
    public async Task Every_text_fits_and_is_readable(int width, ColorScheme scheme)
    {
        await using var board = await chromium.OpenAsync(width: width, scheme: scheme);
        await Expect(board.ApiKey).ToHaveValueAsync("demo-key");
        await AssertIsAccessibleAsync(board);
        await board.KeepScreenshotAsync($"welcome-{width}-{scheme}");
        await board.OpenCredentialsAsync();
        await board.ApiKey.FillAsync("nobodys-key");
        await board.ConnectButton.ClickAsync();
        await Expect(board.ConnectError).ToContainTextAsync("invalid_api_key");
        await AssertIsAccessibleAsync(board);

        await board.ApiKey.FillAsync("demo-key");
        await board.ConnectAsync();
        await AssertIsAccessibleAsync(board);
        var order = await board.PlaceOrderAsync();
        await board.AdvanceButton(order).ClickAsync();
        await Expect(board.StatusOf(order)).ToHaveTextAsync("paid");
        var longest = $"{new string('o', 100)}-{width}-{scheme}";
        await chromium.Server.PublishAsync(
            "demo", longest, new string('W', 64), $$"""{"long": "{{new string('x', 800)}}"}""");
        await Expect(board.StatusOf(longest)).ToHaveTextAsync(new string('W', 64));
        // The page is signed, so it may await an order that does not exist yet.
        await board.SubscribeAsync("no-such-order");
        await Expect(board.Subscriptions).ToContainTextAsync("no-such-order");
        await board.WatchError.EvaluateAsync("element => element.textContent = 'access denied: no such order'");
        await board.Page.GetByText("Raw messages").ClickAsync();
        await Expect(board.Card(longest).GetByRole(AriaRole.Group, new() { Name = "Details of version 1" }).Last)
            .ToBeVisibleAsync();
        await AssertIsAccessibleAsync(board);
        await board.KeepScreenshotAsync($"orders-{width}-{scheme}");
    }

    [Fact]
    public async Task Keyboard_alone_reaches_every_step()
    {
        await using var board = await chromium.OpenAsync();
        await Expect(board.ApiKey).ToHaveValueAsync("demo-key");
        await TabToAsync(board, board.TourChoice);
        await board.Page.Keyboard.PressAsync("Space");
        await TabToAsync(board, board.ConnectButton);
        await board.Page.Keyboard.PressAsync("Enter");
        await Expect(board.State).ToHaveTextAsync("Connected");

        // The form is gone. The focus moves to the next step.
        await Expect(board.PlaceButton).ToBeFocusedAsync();
        var order = await board.PlaceOrderAsync(() => board.Page.Keyboard.PressAsync("Enter"));

        await TabToAsync(board, board.AdvanceButton(order));
        foreach (var status in new[] { "paid", "packed" })
        {
            await board.Page.Keyboard.PressAsync("Enter");
            await Expect(board.StatusOf(order)).ToHaveTextAsync(status);
            await Expect(board.AdvanceButton(order)).ToBeFocusedAsync();
        }

        var unsubscribe = board.Page.GetByRole(AriaRole.Button, new() { Name = "Unsubscribe from Whole organization" });
        await TabToAsync(board, unsubscribe, "Shift+Tab");
        await board.Page.Keyboard.PressAsync("Enter");
        await Expect(unsubscribe).ToHaveCountAsync(0);
        await Expect(board.Page.GetByLabel("Order id")).ToBeFocusedAsync();
        await board.Page.Keyboard.TypeAsync(order);
        await board.Page.Keyboard.PressAsync("Enter");
        await Expect(board.Subscriptions).ToContainTextAsync(order);

        await TabToAsync(board, board.Page.GetByRole(AriaRole.Button, new() { Name = "Disconnect" }));
        await board.Page.Keyboard.PressAsync("Enter");
        await Expect(board.State).ToHaveTextAsync("Not connected");
        await Expect(board.ConnectButton).ToBeFocusedAsync();
    }

    [Fact]
    public async Task Screen_reader_finds_its_way_and_announces_changes()
    {
        await chromium.Server.PublishAsync("demo", "told-1", "created");
        await chromium.Server.PublishAsync("demo", "told-2", "created");
        await using var board = await chromium.OpenAsync();
        Assert.Equal("en", await board.Page.Locator("html").GetAttributeAsync("lang"));
        await Expect(board.Page).ToHaveTitleAsync("Orders, live");
        await Expect(board.Page.GetByRole(AriaRole.Banner)).ToHaveCountAsync(1);
        await Expect(board.Page.GetByRole(AriaRole.Main)).ToHaveCountAsync(1);
        await Expect(board.Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveCountAsync(1);
        await Expect(board.Page.GetByRole(AriaRole.Region, new() { Name = "Connect" })).ToBeVisibleAsync();
        Assert.Empty(await board.Page.EvaluateAsync<string[]>(PageScripts.FieldsWithoutLabel));

        await board.ConnectAsync();
        await Expect(board.Page.GetByRole(AriaRole.Contentinfo)).ToHaveCountAsync(1);
        await Expect(board.Page.GetByRole(AriaRole.Region, new() { Name = "Subscriptions" })).ToBeVisibleAsync();
        await Expect(board.Page.GetByRole(AriaRole.Region, new() { Name = "Orders" })).ToBeVisibleAsync();
        await Expect(board.Announcement).ToHaveTextAsync("Connected");
        // The earlier events are summarized in one sentence, however many there are.
        await Expect(board.Announcement).ToHaveTextAsync(new Regex("^[0-9]+ orders shown$"));
        await Expect(board.Announcement).ToHaveTextAsync($"{await board.Cards.CountAsync()} orders shown");
        var order = await board.PlaceOrderAsync();
        await Expect(board.Announcement).ToHaveTextAsync($"Order {order}: created");
        Assert.Empty(await board.Page.EvaluateAsync<string[]>(PageScripts.FieldsWithoutLabel));
    }

    [Theory]
    [InlineData(360, ColorScheme.Light)]
    [InlineData(360, ColorScheme.Dark)]
    [InlineData(1280, ColorScheme.Light)]
    [InlineData(1280, ColorScheme.Dark)]
    public async Task Empty_page_and_page_without_its_server_are_accessible(int width, ColorScheme scheme)
    {
        chromium.RequireBrowser();
        await using var server = await ServerProcess.StartAsync();
        await using var board = await chromium.OpenAsync(server, width, scheme: scheme);
        await board.ConnectAsync();
        await Expect(board.Page.GetByText("No events yet")).ToBeVisibleAsync();
        await AssertIsAccessibleAsync(board);

        foreach (var status in new[] { "created", "paid", "delivered", "refunded", "payment failed", "one of ours" })
        {
            await server.PublishAsync("demo", $"a {status} order", status);
            await Expect(board.StatusOf($"a {status} order")).ToHaveTextAsync(status);
        }

        await AssertIsAccessibleAsync(board);
        await board.Page.Context.SetOfflineAsync(true);
        await server.KillAsync();
        await Expect(board.Outage).ToBeVisibleAsync();
        await AssertIsAccessibleAsync(board);
        await board.KeepScreenshotAsync($"gone-{width}-{scheme}");
    }

    [Fact]
    public async Task Narrow_screen_shows_the_orders_before_the_subscriptions_while_connected()
    {
        await using var board = await chromium.OpenAsync(width: 360);
        await board.ConnectAsync();
        Assert.True(await AreOrdersFirstAsync(board));
        await board.Page.SetViewportSizeAsync(1280, 860);
        Assert.False(await AreOrdersFirstAsync(board));
        await board.Page.SetViewportSizeAsync(360, 860);
        Assert.True(await AreOrdersFirstAsync(board));

        // Without a connection, the form to connect is what the user needs.
        await board.Page.GetByRole(AriaRole.Button, new() { Name = "Disconnect" }).ClickAsync();
        Assert.False(await AreOrdersFirstAsync(board));
        await Expect(board.ConnectButton).ToBeFocusedAsync();
    }

    [Fact]
    public async Task Every_panel_says_in_one_line_what_it_shows()
    {
        await using var board = await chromium.OpenAsync();
        await Expect(board.Page.Locator("#connect > h2 + .hint")).ToBeVisibleAsync();
        await board.ConnectAsync();
        await Expect(board.Page.Locator("#watch > h2 + .hint")).ToBeVisibleAsync();
        await Expect(board.Page.Locator("#orders > .orders-head + .hint")).ToBeVisibleAsync();
        await Expect(board.Page.Locator("#curl > summary + .hint")).ToBeVisibleAsync();
    }

    private static Task<bool> AreOrdersFirstAsync(BoardPage board) => board.Page.EvaluateAsync<bool>("""
        async () => {
          await new Promise(requestAnimationFrame);
          const [side, orders] = [document.getElementById("side"), document.getElementById("orders")];
          return side.compareDocumentPosition(orders) === Node.DOCUMENT_POSITION_PRECEDING;
        }
        """);

    private static async Task AssertIsAccessibleAsync(BoardPage board)
    {
        // A card that has just changed glows for a moment. A card out of sight delays its glow until it is visible.
        await board.Page.EvaluateAsync(PageAudit.EndAnimations);
        Assert.Empty(await board.Page.EvaluateAsync<string[]>(PageAudit.SmallTargets));
        Assert.Empty(await board.Page.EvaluateAsync<string[]>(PageAudit.UnreachableScrollAreas));
        Assert.Empty(await board.Page.EvaluateAsync<string[]>(PageAudit.WrongNames));
        Assert.Equal(0, await board.Page.EvaluateAsync<int>(
            "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"));
        Assert.Empty(await board.Page.EvaluateAsync<string[]>(PageScripts.TextWithoutContrast));
    }

    /// <summary>
    /// Presses Tab until the target has the focus. Every stop on the way must show that it has the focus.
    /// </summary>
    private static async Task TabToAsync(BoardPage board, ILocator target, string key = "Tab")
    {
        for (var stops = 0; stops < 40; stops++)
        {
            await board.Page.Keyboard.PressAsync(key);
            Assert.Equal("", await board.Page.EvaluateAsync<string>(PageScripts.FocusWithoutOutline));
            if (await target.EvaluateAsync<bool>("element => element === document.activeElement"))
            {
                return;
            }
        }

        Assert.Fail($"The focus never reached {target}.");
    }
}
