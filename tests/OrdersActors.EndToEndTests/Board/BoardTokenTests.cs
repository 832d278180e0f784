using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace OrdersActors.EndToEndTests.Board;

/// <summary>The page makes a token for one order, and then watches as one customer's browser does.</summary>
[Collection(BoardCollection.Name)]
public sealed class BoardTokenTests(ChromiumFixture chromium)
{
    [Fact]
    public async Task Token_shows_its_order_from_the_first_event_and_nothing_else()
    {
        await chromium.Server.PublishAsync("demo", "anothers-order", "created");
        await using var board = await chromium.OpenAsync();
        await board.ConnectAsync();
        await board.ConnectWithTokenAsync("demo-token-1");
        await Expect(board.Subscriptions.GetByRole(AriaRole.Listitem)).ToHaveCountAsync(1);
        await Expect(board.Cards).ToHaveCountAsync(0);

        // The token's order has no events yet. Placing an order publishes its first one.
        Assert.Equal("demo-token-1", await board.PlaceOrderAsync());
        await board.AdvanceButton("demo-token-1").ClickAsync();
        await Expect(board.TimelineOf("demo-token-1")).ToHaveTextAsync(["paid", "created"]);

        await board.SubscribeAsync("anothers-order");
        await Expect(board.WatchError).ToContainTextAsync("access denied");
        await board.Page.GetByRole(AriaRole.Button, new() { Name = "Subscribe to the whole organization" })
            .ClickAsync();
        await Expect(board.WatchError).ToContainTextAsync("access denied");
        await Expect(board.Cards).ToHaveCountAsync(1);
        board.AssertNoProblems();
    }

    [Fact]
    public async Task Pasted_token_subscribes_to_its_orders()
    {
        await chromium.Server.PublishAsync("demo", "pasted-1", "created");
        await using var board = await chromium.OpenAsync();
        var token = await board.Page.EvaluateAsync<string>("""
            async () => (await import("/board/token.js")).makeToken("demo-key", "demo-secret", ["pasted-1", "pasted-2"])
            """);
        await board.OpenCredentialsAsync();
        await board.Page.GetByText("Token", new() { Exact = true }).First.ClickAsync();
        await board.Page.GetByRole(AriaRole.Textbox, new() { Name = "Token" }).FillAsync(token);
        await board.ConnectAsync();
        await Expect(board.Subscriptions.GetByRole(AriaRole.Listitem)).ToHaveCountAsync(2);
        await Expect(board.StatusOf("pasted-1")).ToHaveTextAsync("created");
    }

    [Fact]
    public async Task Wrong_token_is_reported_beside_the_form()
    {
        await using var board = await chromium.OpenAsync();
        await board.OpenCredentialsAsync();
        await board.Page.GetByText("Token", new() { Exact = true }).First.ClickAsync();
        await board.Page.GetByRole(AriaRole.Textbox, new() { Name = "Token" }).FillAsync("not.a.token");
        await Expect(board.ApiKey).ToHaveValueAsync("demo-key");
        await board.ConnectButton.ClickAsync();
        await Expect(board.ConnectError).ToContainTextAsync("token");
        await Expect(board.State).ToHaveTextAsync("Not connected");
    }
}
