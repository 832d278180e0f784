using Microsoft.Playwright;
using OrdersActors.TestServer;
using static Microsoft.Playwright.Assertions;

namespace OrdersActors.EndToEndTests.Board;

/// <summary>A newcomer to the demo sees an order move after one press of a button.</summary>
[Collection(BoardCollection.Name)]
public sealed class BoardTourTests(ChromiumFixture chromium)
{
    [Fact]
    public async Task One_press_shows_an_order_that_moves_by_itself_to_its_end()
    {
        await using var server = await StartAsync();
        await using var board = await OpenAsync(server);
        // The choice of the authorization is folded away.
        await Expect(board.ApiKey).ToBeHiddenAsync();
        await Expect(board.Page.GetByText("Authorize with")).ToBeHiddenAsync();
        var order = await StartTourAsync(board);
        await Expect(board.Tour).ToBeVisibleAsync();

        foreach (var status in new[] { "paid", "packed", "shipped", "delivered" })
        {
            await board.Page.Clock.FastForwardAsync(4_000);
            await Expect(board.StatusOf(order)).ToHaveTextAsync(status);
        }

        await Expect(board.Tour).ToBeHiddenAsync();
        await Expect(board.Cards).ToHaveCountAsync(1);
        board.AssertNoProblems();
    }

    [Theory]
    [InlineData("stop")]
    [InlineData("advance")]
    [InlineData("place")]
    [InlineData("subscribe")]
    [InlineData("hide")]
    [InlineData("disconnect")]
    public async Task Order_stops_when_the_user_takes_over_or_the_page_is_hidden(string action)
    {
        await using var server = await StartAsync();
        await using var board = await OpenAsync(server);
        var order = await StartTourAsync(board);
        switch (action)
        {
            case "stop":
                await board.Page.GetByRole(AriaRole.Button, new() { Name = "Stop" }).ClickAsync();
                await Expect(board.PlaceButton).ToBeFocusedAsync();
                break;
            case "advance":
                await board.AdvanceButton(order).ClickAsync();
                await Expect(board.StatusOf(order)).ToHaveTextAsync("paid");
                break;
            case "place":
                await board.PlaceButton.ClickAsync();
                break;
            case "subscribe":
                await board.SubscribeAsync(order);
                break;
            case "hide":
                await board.Page.EvaluateAsync("""
                    () => {
                      Object.defineProperty(document, "hidden", { value: true });
                      document.dispatchEvent(new Event("visibilitychange"));
                    }
                    """);
                break;
            default:
                await board.Page.GetByRole(AriaRole.Button, new() { Name = "Disconnect" }).ClickAsync();
                break;
        }

        await Expect(board.Tour).ToBeHiddenAsync();
        if (action == "disconnect")
        {
            await board.ConnectButton.ClickAsync();
            await Expect(board.State).ToHaveTextAsync("Connected");
        }

        // A step of the tour would come before this event.
        await board.Page.Clock.FastForwardAsync(60_000);
        await server.PublishAsync("demo", order, "end");
        string[] expected = action == "advance" ? ["end", "paid", "created"] : ["end", "created"];
        await Expect(board.TimelineOf(order)).ToHaveTextAsync(expected);
        await Expect(board.Tour).ToBeHiddenAsync();
    }

    [Fact]
    public async Task Other_accounts_and_the_demo_key_alone_see_no_order_that_moves_by_itself()
    {
        await using var server = await StartAsync();
        var (key, secret) = await server.CreateKeyAsync("another-shop");
        await using var board = await OpenAsync(server);
        await board.OpenCredentialsAsync();
        await board.ApiKey.FillAsync(key);
        await board.ApiSecret.FillAsync(secret);
        await board.ConnectButton.ClickAsync();
        await Expect(board.State).ToHaveTextAsync("Connected");
        await Expect(board.Subscriptions).ToContainTextAsync("Whole organization");
        await server.PublishAsync("another-shop", "theirs", "created");
        await Expect(board.Cards).ToHaveCountAsync(1);
        await Expect(board.Tour).ToBeHiddenAsync();

        await board.Page.GetByRole(AriaRole.Button, new() { Name = "Disconnect" }).ClickAsync();
        await board.ApiKey.FillAsync("demo-key");
        await board.Page.GetByText("Key only").ClickAsync();
        await Expect(board.TourChoice).ToBeHiddenAsync();
        await board.ConnectButton.ClickAsync();
        await Expect(board.State).ToHaveTextAsync("Connected");
        await server.PublishAsync("demo", "ours", "created");
        await board.SubscribeAsync("ours");
        await Expect(board.Cards).ToHaveCountAsync(1);
        await Expect(board.Tour).ToBeHiddenAsync();
    }

    private Task<ServerProcess> StartAsync()
    {
        chromium.RequireBrowser();
        return ServerProcess.StartAsync();
    }

    /// <summary>Opens the page with a clock that the test can advance.</summary>
    private async Task<BoardPage> OpenAsync(ServerProcess server)
    {
        var board = await chromium.OpenAsync(server, hasClock: true);
        await Expect(board.ApiKey).ToHaveValueAsync("demo-key");
        return board;
    }

    /// <summary>Connects with one press and returns the order that moves.</summary>
    private static async Task<string> StartTourAsync(BoardPage board)
    {
        await board.ConnectButton.ClickAsync();
        await Expect(board.Cards).ToHaveCountAsync(1);
        return await board.Cards.First.GetByRole(AriaRole.Heading).InnerTextAsync();
    }
}
