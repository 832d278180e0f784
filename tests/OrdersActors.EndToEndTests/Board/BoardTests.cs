using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace OrdersActors.EndToEndTests.Board;

/// <summary>The first steps of a new user on the page, with the real server.</summary>
[Collection(BoardCollection.Name)]
public sealed class BoardTests(ChromiumFixture chromium)
{
    [Fact]
    public async Task Two_clicks_show_an_order_and_more_clicks_advance_it_to_its_end()
    {
        await using var board = await chromium.OpenAsync();
        await board.ConnectAsync();
        var order = await board.PlaceOrderAsync();
        await Expect(board.StatusOf(order)).ToHaveTextAsync("created");

        foreach (var status in new[] { "paid", "packed", "shipped", "delivered" })
        {
            await board.AdvanceButton(order).ClickAsync();
            await Expect(board.StatusOf(order)).ToHaveTextAsync(status);
        }

        await Expect(board.TimelineOf(order)).ToHaveTextAsync(["delivered", "shipped", "packed", "paid", "created"]);
        await Expect(board.Card(order)).ToContainTextAsync("version 5");
        await Expect(board.DetailNamesOf(order)).ToHaveTextAsync(["received_by"]);
        await Expect(board.Card(order).GetByText("front desk")).ToBeVisibleAsync();
        board.AssertNoProblems();
        await board.KeepScreenshotAsync("board");

        await Expect(board.AdvanceButton(order)).ToHaveCountAsync(0);
        // The button had the keyboard focus. The card has it now.
        await Expect(board.Card(order)).ToBeFocusedAsync();
    }

    [Fact]
    public async Task Secret_signs_an_organization_wide_subscription_that_receives_events_of_other_publishers()
    {
        await using var board = await chromium.OpenAsync();
        await board.ConnectAsync();
        await Expect(board.Subscriptions).ToContainTextAsync("Whole organization");

        await chromium.Server.PublishAsync(
            "demo", "wide-1", "created", """{"amount": 12.50, "big": 12345678901234567890}""");
        await chromium.Server.PublishAsync("demo", "wide-1", "paid");

        await Expect(board.TimelineOf("wide-1")).ToHaveTextAsync(["paid", "created"]);
        // The details are shown as sent: numbers are not rounded to JavaScript numbers.
        await board.TimelineOf("wide-1").Last.ClickAsync();
        await Expect(board.DetailNamesOf("wide-1")).ToHaveTextAsync(["amount", "big"]);
        await Expect(board.Card("wide-1").Locator("dd")).ToHaveTextAsync(["12.50", "12345678901234567890"]);
        board.AssertNoProblems();
    }

    [Fact]
    public async Task Pasted_signature_works_like_the_secret()
    {
        await using var board = await chromium.OpenAsync();
        await board.OpenCredentialsAsync();
        await board.Page.GetByText("Signature", new() { Exact = true }).ClickAsync();
        var signature = await chromium.Server.SignAsync("demo-key", "demo-secret");
        await board.Page.GetByLabel("authorization_signature").FillAsync(signature);
        await board.ConnectAsync();
        await Expect(board.Subscriptions).ToContainTextAsync("Whole organization");
    }

    [Fact]
    public async Task Placed_order_is_subscribed_and_updated_with_the_key_alone()
    {
        await using var board = await chromium.OpenAsync();
        await board.ConnectWithKeyOnlyAsync();
        var order = await board.PlaceOrderAsync();
        await Expect(board.Subscriptions.GetByRole(AriaRole.Listitem)).ToHaveCountAsync(1);
        await Expect(board.Subscriptions).ToContainTextAsync(order);
        await Expect(board.Subscriptions).Not.ToContainTextAsync("waiting");

        await board.AdvanceButton(order).ClickAsync();
        await Expect(board.TimelineOf(order)).ToHaveTextAsync(["paid", "created"]);
        board.AssertNoProblems();
    }

    [Fact]
    public async Task Unsubscribe_ends_the_events_of_that_order_only()
    {
        await chromium.Server.PublishAsync("demo", "quiet-1", "created");
        await chromium.Server.PublishAsync("demo", "quiet-2", "created");
        await using var board = await chromium.OpenAsync();
        await board.ConnectWithKeyOnlyAsync();
        await board.SubscribeAsync("quiet-1");
        await board.SubscribeAsync("quiet-2");
        await Expect(board.Subscriptions.GetByRole(AriaRole.Listitem)).ToHaveCountAsync(2);

        await board.Page.GetByRole(AriaRole.Button, new() { Name = "Unsubscribe from quiet-1" }).ClickAsync();
        await Expect(board.Subscriptions.GetByRole(AriaRole.Listitem)).ToHaveCountAsync(1);
        await chromium.Server.PublishAsync("demo", "quiet-1", "paid");
        await chromium.Server.PublishAsync("demo", "quiet-2", "paid");

        await Expect(board.TimelineOf("quiet-2")).ToHaveTextAsync(["paid", "created"]);
        await Expect(board.TimelineOf("quiet-1")).ToHaveTextAsync(["created"]);
    }

    [Fact]
    public async Task Two_pages_that_advance_an_order_at_once_publish_the_step_once()
    {
        await using var board = await chromium.OpenAsync();
        await board.ConnectAsync();
        var order = await board.PlaceOrderAsync();
        await board.Page.EvaluateAsync("""
            async order => {
              const { advanceOrder, readDemoAccount } = await import("/board/demo.js");
              const account = await readDemoAccount();
              await Promise.all(Array.from({ length: 8 }, () => advanceOrder(account, order, "created")));
            }
            """, order);
        await chromium.Server.PublishAsync("demo", order, "end");
        await Expect(board.TimelineOf(order)).ToHaveTextAsync(["end", "paid", "created"]);
        await Expect(board.VersionsOf(order)).ToHaveTextAsync(["3", "2", "1"]);
    }

    [Fact]
    public async Task Curl_line_contains_the_demo_account_and_the_address_of_this_server()
    {
        await using var board = await chromium.OpenAsync();
        await board.ConnectAsync();
        await Expect(board.Page.Locator("#curl-command")).ToHaveTextAsync(
            """curl -u demo-key:demo-secret -d '{"order_id":"o-1","status":"created"}' """
            + new Uri(chromium.Server.BaseAddress, "v1/events"));
        await board.Page.Context.GrantPermissionsAsync(["clipboard-read", "clipboard-write"]);
        await board.Page.Locator("#curl-copy").ClickAsync();
        await Expect(board.Page.Locator("#curl-copy")).ToHaveTextAsync("Copied");
        Assert.StartsWith(
            "curl -u demo-key:demo-secret ",
            await board.Page.EvaluateAsync<string>("() => navigator.clipboard.readText()"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Raw_messages_show_both_directions_as_sent()
    {
        await using var board = await chromium.OpenAsync();
        await board.ConnectWithKeyOnlyAsync();
        var order = await board.PlaceOrderAsync();
        await board.Page.GetByText("Raw messages").ClickAsync();

        var raw = board.Page.GetByRole(AriaRole.List, new() { Name = "Raw messages" });
        await Expect(raw).ToContainTextAsync("""{"type":"connect","data":{"api_key":"demo-key"},"id":1}""");
        await Expect(raw).ToContainTextAsync("""{"type":"connected","data":{"status":"authenticated"},"id":1}""");
        await Expect(raw).ToContainTextAsync(
            $$$"""{"type":"subscribe","data":{"orders":[{"order_id":"{{{order}}}","last":50}]},"id":2}""");
        await Expect(raw.GetByRole(AriaRole.Img, new() { Name = "sent" })).ToHaveCountAsync(2);

        await board.Page.GetByRole(AriaRole.Button, new() { Name = "Clear" }).ClickAsync();
        await Expect(raw.GetByRole(AriaRole.Listitem)).ToHaveCountAsync(0);
    }
}
