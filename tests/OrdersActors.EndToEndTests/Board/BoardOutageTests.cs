using OrdersActors.TestServer;
using static Microsoft.Playwright.Assertions;

namespace OrdersActors.EndToEndTests.Board;

/// <summary>The whole page shows that the server is gone.</summary>
[Collection(BoardCollection.Name)]
public sealed class BoardOutageTests(ChromiumFixture chromium)
{
    [Fact]
    public async Task Lost_server_is_explained_over_dimmed_orders_until_it_is_back()
    {
        chromium.RequireBrowser();
        await using var server = await ServerProcess.StartAsync();
        await using var board = await chromium.OpenAsync(server);
        await board.ConnectAsync();
        var order = await board.PlaceOrderAsync();
        await Expect(board.Outage).ToBeHiddenAsync();
        await Expect(board.Card(order)).ToHaveCSSAsync("filter", "none");

        await server.KillAsync();
        await Expect(board.Outage).ToContainTextAsync("Connection lost. The server does not answer.");
        await Expect(board.Outage).ToContainTextAsync("may be out of date");
        await Expect(board.Outage).ToContainTextAsync("Next try in ");
        await Expect(board.Card(order)).ToHaveCSSAsync("filter", "grayscale(1)");

        await server.StartAgainAsync();
        await Expect(board.State).ToHaveTextAsync("Connected");
        await Expect(board.Outage).ToBeHiddenAsync();
        await Expect(board.Card(order)).ToHaveCSSAsync("filter", "none");
    }

    [Fact]
    public async Task Lost_server_is_announced_once_however_many_retries_fail()
    {
        chromium.RequireBrowser();
        await using var server = await ServerProcess.StartAsync();
        await using var board = await chromium.OpenAsync(server);
        await board.ConnectAsync();
        await board.Page.EvaluateAsync("""
            () => {
              window.told = [];
              window.states = [];
              const watch = (id, list, read) => new MutationObserver(() => list.push(read(document.getElementById(id))))
                .observe(document.getElementById(id), { childList: true, attributeFilter: ["data-state"] });
              watch("announcer", told, region => region.textContent);
              watch("state", states, state => state.dataset.state);
            }
            """);
        await server.KillAsync();
        await board.Page.WaitForFunctionAsync("() => states.filter(state => state === 'waiting').length >= 3");
        Assert.Equal(1, await board.Page.EvaluateAsync<int>(
            "() => told.filter(text => text.startsWith('Connection lost. ')).length"));
    }

    [Fact]
    public async Task Reason_of_the_outage_is_the_restart_of_the_server_or_the_offline_device()
    {
        await using var board = await chromium.OpenAsync();
        var isRestarting = false;
        await board.Page.RouteWebSocketAsync("**/ws", page =>
        {
            if (isRestarting)
            {
                page.CloseAsync(new() { Code = 1012 });
                return;
            }

            var server = page.ConnectToServer();
            page.OnMessage(message =>
            {
                isRestarting = message.Text!.Contains("\"subscribe\"", StringComparison.Ordinal);
                if (isRestarting)
                {
                    page.CloseAsync(new() { Code = 1012 });
                }
                else
                {
                    server.Send(message.Text!);
                }
            });
        });
        await board.Page.ReloadAsync();
        await Expect(board.ApiKey).ToHaveValueAsync("demo-key");
        await board.ConnectButton.ClickAsync();
        await Expect(board.Outage).ToContainTextAsync("The server is restarting.");
        await board.Page.Context.SetOfflineAsync(true);
        await Expect(board.Outage).ToContainTextAsync("This device is offline.");
    }
}
