using Microsoft.Playwright;
using OrdersActors.TestServer;
using static Microsoft.Playwright.Assertions;

namespace OrdersActors.EndToEndTests.Board;

/// <summary>The orders can be searched by id and filtered by status.</summary>
[Collection(BoardCollection.Name)]
public sealed class BoardFilterTests(ChromiumFixture chromium)
{
    [Fact]
    public async Task Search_and_filter_show_the_matching_orders_and_announce_their_number()
    {
        chromium.RequireBrowser();
        await using var server = await ServerProcess.StartAsync();
        await using var board = await chromium.OpenAsync(server);
        await board.ConnectAsync();
        await Expect(board.Page.GetByRole(AriaRole.Search)).ToBeHiddenAsync();
        await server.PublishAsync("demo", "apple-1", "paid");
        await server.PublishAsync("demo", "apple-2", "shipped");
        await server.PublishAsync("demo", "pear-1", "paid");
        await Expect(board.Cards).ToHaveCountAsync(3);

        await board.Page.GetByLabel("Find by id").FocusAsync();
        await board.Page.Keyboard.TypeAsync("APPLE");
        await Expect(board.Cards).ToHaveCountAsync(2);
        await Expect(board.Page.Locator("#orders-count")).ToHaveTextAsync("2 of 3");
        await Expect(board.Announcement).ToHaveTextAsync("2 of 3 orders shown");

        await board.Page.Keyboard.PressAsync("Tab");
        await Expect(board.Page.GetByLabel("Show status")).ToBeFocusedAsync();
        await board.Page.Keyboard.TypeAsync("paid");
        await Expect(board.Cards).ToHaveCountAsync(1);
        await Expect(board.Card("apple-1")).ToBeVisibleAsync();
        await Expect(board.Announcement).ToHaveTextAsync("1 of 3 orders shown");

        // The filter follows the orders.
        await server.PublishAsync("demo", "apple-2", "paid");
        await Expect(board.Cards).ToHaveCountAsync(2);
        await server.PublishAsync("demo", "apple-1", "shipped");
        await server.PublishAsync("demo", "apple-2", "shipped");
        await Expect(board.Page.GetByText("No order matches the search.")).ToBeVisibleAsync();

        await board.Page.Keyboard.PressAsync("Tab");
        await board.Page.Keyboard.PressAsync("Enter");
        await Expect(board.Cards).ToHaveCountAsync(3);
        await Expect(board.Page.GetByLabel("Find by id")).ToBeFocusedAsync();
        await Expect(board.Page.Locator("#orders-count")).ToHaveTextAsync("3");
    }

    [Fact]
    public async Task Order_with_the_focus_stays_when_it_no_longer_matches()
    {
        await using var board = await chromium.OpenAsync();
        await board.ConnectAsync();
        var order = await board.PlaceOrderAsync();
        await board.Page.GetByLabel("Show status").SelectOptionAsync("created");
        await board.AdvanceButton(order).ClickAsync();
        await Expect(board.StatusOf(order)).ToHaveTextAsync("paid");
        await Expect(board.AdvanceButton(order)).ToBeFocusedAsync();
    }

    [Fact]
    public async Task Placed_order_ends_the_filter_that_would_hide_it()
    {
        await using var board = await chromium.OpenAsync();
        await board.ConnectAsync();
        await board.PlaceOrderAsync();
        await board.Page.GetByLabel("Find by id").FillAsync("no such order");
        await Expect(board.Cards).ToHaveCountAsync(0);
        await board.PlaceOrderAsync();
        await Expect(board.Page.GetByLabel("Find by id")).ToHaveValueAsync("");
    }
}
