using Microsoft.Playwright;
using OrdersActors.TestServer;
using static Microsoft.Playwright.Assertions;

namespace OrdersActors.EndToEndTests.Board;

/// <summary>
/// Errors appear in human words next to what caused them, with the code and the server's words beside, and the page
/// continues to work.
/// </summary>
[Collection(BoardCollection.Name)]
public sealed class BoardErrorTests(ChromiumFixture chromium)
{
    [Fact]
    public async Task Wrong_key_is_reported_beside_the_form_and_the_next_try_works()
    {
        await using var board = await chromium.OpenAsync();
        await board.OpenCredentialsAsync();
        await board.ApiKey.FillAsync("nobodys-key");
        await board.ConnectButton.ClickAsync();
        await Expect(board.ConnectError).ToContainTextAsync("The server does not know this API key");
        await Expect(board.ConnectError.Locator("code")).ToHaveTextAsync("invalid_api_key");
        await Expect(board.ConnectError).ToContainTextAsync("invalid api_key");
        await Expect(board.State).ToHaveTextAsync("Not connected");

        await board.ApiKey.FillAsync("demo-key");
        await board.ConnectAsync();
        await Expect(board.ConnectError).ToBeEmptyAsync();
    }

    [Fact]
    public async Task Wrong_secret_is_reported_beside_the_form()
    {
        await using var board = await chromium.OpenAsync();
        await board.OpenCredentialsAsync();
        await Expect(board.ApiSecret).ToHaveValueAsync("demo-secret");
        await board.ApiSecret.FillAsync("not-the-secret");
        await board.ConnectButton.ClickAsync();
        await Expect(board.ConnectError).ToContainTextAsync("invalid authorization_signature");
    }

    [Fact]
    public async Task Expired_signature_is_reported_beside_the_form()
    {
        await using var board = await chromium.OpenAsync();
        await board.OpenCredentialsAsync();
        await board.Page.GetByText("Signature", new() { Exact = true }).ClickAsync();
        await board.Page.GetByLabel("authorization_signature")
            .FillAsync(Signatures.Make("demo-key", "demo-secret", 1_700_000_000));
        await Expect(board.ApiKey).ToHaveValueAsync("demo-key");
        await board.ConnectButton.ClickAsync();
        await Expect(board.ConnectError).ToContainTextAsync("expired authorization_signature");
    }

    [Fact]
    public async Task Denied_subscription_is_reported_beside_the_subscriptions()
    {
        await using var board = await chromium.OpenAsync();
        await board.ConnectWithKeyOnlyAsync();
        await board.Page.GetByRole(AriaRole.Button, new() { Name = "Subscribe to the whole organization" })
            .ClickAsync();
        await Expect(board.WatchError).ToContainTextAsync("access denied");
        await Expect(board.WatchError).ToContainTextAsync("authorization_signature");

        await board.SubscribeAsync("no-such-order");
        await Expect(board.WatchError).ToContainTextAsync("no such order");
        await Expect(board.Subscriptions.GetByRole(AriaRole.Listitem)).ToHaveCountAsync(0);
        board.AssertNoProblems();
    }

    [Fact]
    public async Task Every_code_of_the_protocol_has_words_of_its_own()
    {
        await using var board = await chromium.OpenAsync();
        var without = await board.Page.EvaluateAsync<string[]>("""
            async () => {
              const { explain } = await import("/board/errors.js");
              const other = explain({ code: "no such code" }).words;
              const codes = new Set();
              const collect = value => {
                if (Array.isArray(value?.enum) && value.enum.includes("invalid_api_key")) {
                  value.enum.forEach(code => codes.add(code));
                } else if (typeof value === "object" && value !== null) {
                  Object.values(value).forEach(collect);
                }
              };
              collect(await (await fetch("/asyncapi.json")).json());
              return codes.size < 10 ? [`only ${codes.size} codes were found`]
                : [...codes].filter(code => explain({ code }).words === other);
            }
            """);
        Assert.Empty(without);
    }

    [Fact]
    public async Task Refused_demo_order_is_explained_with_the_status_of_the_answer()
    {
        await using var board = await chromium.OpenAsync();
        await board.ConnectAsync();
        await board.Page.RouteAsync("**/v1/events", route => route.FulfillAsync(new()
        {
            Status = 429,
            ContentType = "application/problem+json",
            Body = """{"detail":"too many events"}""",
        }));
        await board.PlaceButton.ClickAsync();

        var error = board.Page.Locator("#orders-error");
        await Expect(error).ToContainTextAsync("Wait a moment");
        await Expect(error.Locator("code")).ToHaveTextAsync("HTTP 429");
        await Expect(error).ToContainTextAsync("too many events");
    }

    [Fact]
    public async Task Demo_order_is_placed_once_although_the_network_changes_while_it_is_sent()
    {
        await using var board = await chromium.OpenAsync();
        await board.ConnectAsync();
        var requests = 0;
        await board.Page.RouteAsync("**/v1/events", async route =>
        {
            if (Interlocked.Increment(ref requests) == 1)
            {
                // The server stores the event, but its answer does not come.
                await route.FetchAsync();
                await route.AbortAsync(RequestAbortErrorCode.ConnectionReset);
                return;
            }

            await route.ContinueAsync();
        });

        var order = await board.PlaceOrderAsync();
        await Expect(board.TimelineOf(order)).ToHaveTextAsync(["created"]);
        Assert.Equal(2, requests);
        await Expect(board.Page.Locator("#orders-error")).ToBeEmptyAsync();
    }

    [Fact]
    public async Task Page_reconnects_and_resubscribes_after_a_server_restart()
    {
        chromium.RequireBrowser();
        await using var server = await ServerProcess.StartAsync();
        await using var board = await chromium.OpenAsync(server);
        await board.ConnectAsync();
        var order = await board.PlaceOrderAsync();
        await board.SubscribeAsync(order);
        await Expect(board.Subscriptions.GetByRole(AriaRole.Listitem)).ToHaveCountAsync(2);

        await server.KillAsync();
        await Expect(board.State).ToContainTextAsync("Reconnecting");
        await server.StartAgainAsync();
        await Expect(board.State).ToHaveTextAsync("Connected");
        await Expect(board.Subscriptions).Not.ToContainTextAsync("waiting");

        await server.PublishAsync("demo", order, "found again");
        await Expect(board.TimelineOf(order)).ToHaveTextAsync(["found again", "created"]);
        var next = await board.PlaceOrderAsync();
        await board.AdvanceButton(next).ClickAsync();
        await Expect(board.TimelineOf(next)).ToHaveTextAsync(["paid", "created"]);
    }

    [Fact]
    public async Task Revoked_key_ends_the_connection_and_the_reason_appears_beside_the_form()
    {
        var (key, secret) = await chromium.Server.CreateKeyAsync("revoked-shop");
        await using var board = await chromium.OpenAsync();
        await board.OpenCredentialsAsync();
        await board.ApiKey.FillAsync(key);
        await board.ApiSecret.FillAsync(secret);
        await board.ConnectButton.ClickAsync();
        await Expect(board.State).ToHaveTextAsync("Connected");
        // This key could not see the demo orders.
        await Expect(board.PlaceButton).ToBeHiddenAsync();

        await chromium.Server.RunAsync("keys", "revoke", key);
        await Expect(board.ConnectError).ToContainTextAsync("revoked");
        await Expect(board.State).ToHaveTextAsync("Not connected");
    }
}
