using OrdersActors.EndToEndTests.Protocol.Compression;
using OrdersActors.TestServer;
using static Microsoft.Playwright.Assertions;

namespace OrdersActors.EndToEndTests.Board;

/// <summary>The page on a server that agrees to compression. Chromium offers it by itself.</summary>
[Collection(BoardCollection.Name)]
public sealed class BoardCompressionTests(ChromiumFixture chromium)
{
    [Fact]
    public async Task Order_is_shown_and_advanced_over_a_compressed_connection()
    {
        chromium.RequireBrowser();
        await using var server = await ServerProcess.StartAsync(CompressingServer.Settings);
        await using var board = await chromium.OpenAsync(server);
        var extensions = await board.Page.EvaluateAsync<string>("""
            () => new Promise((resolve, reject) => {
              const socket = new WebSocket(`ws://${location.host}/ws`);
              socket.onopen = () => { resolve(socket.extensions); socket.close(); };
              socket.onerror = () => reject(new Error("not connected"));
            })
            """);
        Assert.StartsWith("permessage-deflate; server_no_context_takeover", extensions, StringComparison.Ordinal);

        await board.ConnectAsync();
        var order = await board.PlaceOrderAsync();
        foreach (var status in new[] { "paid", "packed", "shipped", "delivered" })
        {
            await board.AdvanceButton(order).ClickAsync();
            await Expect(board.StatusOf(order)).ToHaveTextAsync(status);
        }

        await server.PublishAsync(
            "demo", order, "returned", $$"""{"note":"{{new string('é', 20_000)}}"}""");
        await Expect(board.StatusOf(order)).ToHaveTextAsync("returned");
        await Expect(board.TimelineOf(order)).ToHaveTextAsync(
            ["returned", "delivered", "shipped", "packed", "paid", "created"]);
        board.AssertNoProblems();
    }
}
