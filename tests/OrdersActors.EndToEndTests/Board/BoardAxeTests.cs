using Microsoft.Playwright;
using OrdersActors.EndToEndTests.Clients;
using OrdersActors.TestServer;
using static Microsoft.Playwright.Assertions;

namespace OrdersActors.EndToEndTests.Board;

/// <summary>axe-core, the checker of accessibility, finds nothing in any view of the page.</summary>
[Collection(BoardCollection.Name)]
public sealed class BoardAxeTests(ChromiumFixture chromium)
{
    // All rules of axe, also those for good practice. A rule that cannot be decided is not a violation.
    private const string Run = """
        async () => {
          const { violations, passes } = await axe.run(document, { resultTypes: ["violations", "passes"] });
          return passes.length < 20 ? [`only ${passes.length} rules were checked`]
            : violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) =>
              `${id}: ${target.join(" ")}: ${failureSummary}`));
        }
        """;

    private string _axe = "";

    [Theory]
    [InlineData(360, ColorScheme.Light)]
    [InlineData(360, ColorScheme.Dark)]
    [InlineData(1280, ColorScheme.Light)]
    [InlineData(1280, ColorScheme.Dark)]
    public async Task Axe_finds_no_violation_in_any_view(int width, ColorScheme scheme)
    {
        await LoadAsync();
        await using var server = await ServerProcess.StartAsync();
        await using var board = await chromium.OpenAsync(server, width, scheme: scheme);
        await WelcomeAsync(board);
        await ConnectedAsync(board);
        await OrdersAsync(board, server);
        await ToolsAsync(board);

        await board.Page.Context.SetOfflineAsync(true);
        await server.KillAsync();
        await Expect(board.Outage).ToBeVisibleAsync();
        await CheckAsync(board, "connection lost");
    }

    [Fact]
    public async Task Axe_finds_what_is_wrong()
    {
        await LoadAsync();
        await using var board = await chromium.OpenAsync();
        await board.Page.EvaluateAsync("() => document.body.append(document.createElement('button'))");
        var violations = await ViolationsAsync(board);
        Assert.Contains(violations, violation => violation.StartsWith("button-name: ", StringComparison.Ordinal));
    }

    private async Task WelcomeAsync(BoardPage board)
    {
        await Expect(board.ApiKey).ToHaveValueAsync("demo-key");
        await CheckAsync(board, "welcome");
        await board.OpenCredentialsAsync();
        foreach (var mode in new[] { "Key only", "Secret", "Signature", "Token" })
        {
            await board.Page.Locator("fieldset").GetByText(mode, new() { Exact = true }).ClickAsync();
            await CheckAsync(board, mode);
        }

        await board.Page.Locator("fieldset").GetByText("Secret", new() { Exact = true }).ClickAsync();
        await board.ApiKey.FillAsync("nobodys-key");
        await board.ConnectButton.ClickAsync();
        await Expect(board.ConnectError).ToContainTextAsync("invalid_api_key");
        await CheckAsync(board, "connect error");
        await board.ApiKey.FillAsync("demo-key");
    }

    private async Task ConnectedAsync(BoardPage board)
    {
        await board.ConnectAsync();
        await Expect(board.Page.GetByText("No events yet")).ToBeVisibleAsync();
        await CheckAsync(board, "no orders");
        await board.Page.GetByRole(AriaRole.Button, new() { Name = "Disconnect" }).ClickAsync();
        await board.TourChoice.CheckAsync();
        await board.ConnectButton.ClickAsync();
        await Expect(board.Tour).ToBeVisibleAsync();
        await Expect(board.Cards).ToHaveCountAsync(1);
        await CheckAsync(board, "tour");
        await board.Page.GetByRole(AriaRole.Button, new() { Name = "Stop" }).ClickAsync();
    }

    private async Task OrdersAsync(BoardPage board, ServerProcess server)
    {
        var order = await board.PlaceOrderAsync();
        await board.AdvanceButton(order).ClickAsync();
        await Expect(board.StatusOf(order)).ToHaveTextAsync("paid");
        foreach (var status in new[] { "created", "paid", "delivered", "refunded", "payment failed", "one of ours" })
        {
            await server.PublishAsync("demo", $"a {status} order", status);
            await Expect(board.StatusOf($"a {status} order")).ToHaveTextAsync(status);
        }

        await server.PublishAsync(
            "demo", new string('o', 100), new string('W', 64),
            $$$"""{"long": "{{{new string('x', 800)}}}", "list": [1, {"deep": true}], "none": null}""");
        await Expect(board.Cards).ToHaveCountAsync(9);
        await CheckAsync(board, "orders");
        await board.Page.GetByLabel("Find by id").FillAsync("no such order");
        await Expect(board.Page.GetByText("No order matches the search.")).ToBeVisibleAsync();
        await CheckAsync(board, "no match");
        await board.Page.GetByRole(AriaRole.Button, new() { Name = "Show all", Exact = true }).ClickAsync();
    }

    private async Task ToolsAsync(BoardPage board)
    {
        // The page is signed, so it may await an order that does not exist yet.
        await board.SubscribeAsync("awaited-1");
        await Expect(board.Subscriptions).ToContainTextAsync("awaited-1");
        await board.WatchError.EvaluateAsync("element => element.textContent = 'access denied: no such order'");
        await board.Page.GetByText("Give one order to a customer").ClickAsync();
        await board.Page.GetByRole(AriaRole.Button, new() { Name = "Make a token" }).ClickAsync();
        await Expect(board.Page.Locator("#token-result")).ToBeVisibleAsync();
        await board.Page.GetByText("Raw messages").ClickAsync();
        await Expect(board.Page.Locator("#raw-list")).ToContainTextAsync("connect");
        await CheckAsync(board, "subscriptions, token and raw messages");
    }

    private async Task LoadAsync()
    {
        chromium.RequireBrowser();
        await TypeScriptPackage.BuiltAsync();
        _axe = await File.ReadAllTextAsync(
            Path.Combine(TypeScriptPackage.Folder, "node_modules", "axe-core", "axe.min.js"),
            TestContext.Current.CancellationToken);
    }

    private async Task CheckAsync(BoardPage board, string view) =>
        Assert.Equal((view, ""), (view, string.Join('\n', await ViolationsAsync(board))));

    private async Task<string[]> ViolationsAsync(BoardPage board)
    {
        // A card that has just changed glows for a moment. Its colours are not the final ones.
        await board.Page.EvaluateAsync(PageAudit.EndAnimations);
        await board.Page.EvaluateAsync($"() => {{ {_axe} }}");
        return await board.Page.EvaluateAsync<string[]>(Run);
    }
}
