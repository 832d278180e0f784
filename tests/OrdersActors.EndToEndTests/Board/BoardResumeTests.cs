using Microsoft.Data.Sqlite;
using Microsoft.Playwright;
using OrdersActors.TestServer;
using static Microsoft.Playwright.Assertions;

namespace OrdersActors.EndToEndTests.Board;

/// <summary>
/// A page shows the current state of the orders when it connects, and misses nothing when it reconnects.
/// </summary>
[Collection(BoardCollection.Name)]
public sealed class BoardResumeTests(ChromiumFixture chromium)
{
    [Fact]
    public async Task History_of_an_order_appears_on_subscribe()
    {
        await PublishAsync(chromium.Server, "history-1", "created", "paid", "packed");
        await using var board = await chromium.OpenAsync();
        await board.ConnectWithKeyOnlyAsync();
        await board.SubscribeAsync("history-1");

        await Expect(board.TimelineOf("history-1")).ToHaveTextAsync(["packed", "paid", "created"]);
        await board.ExpectVersionsAsync("history-1", 3);
        await Expect(board.Gaps).ToHaveCountAsync(0);
        await Expect(board.Announcement).ToHaveTextAsync("Order history-1: packed");
    }

    [Fact]
    public async Task Newest_events_of_the_organization_appear_on_connect()
    {
        await PublishAsync(chromium.Server, "history-2", "created", "paid");
        await PublishAsync(chromium.Server, "history-3", "created");
        await using var board = await chromium.OpenAsync();
        await board.ConnectAsync();

        await board.ExpectVersionsAsync("history-2", 2);
        await board.ExpectVersionsAsync("history-3", 1);
        // Both subscriptions deliver the events, but each event is shown once.
        await board.SubscribeAsync("history-2");
        await Expect(board.Subscriptions.GetByRole(AriaRole.Listitem)).ToHaveCountAsync(2);
        await PublishAsync(chromium.Server, "history-2", "packed");
        await board.ExpectVersionsAsync("history-2", 3);
        board.AssertNoProblems();
    }

    [Fact]
    public async Task Order_events_missed_while_offline_appear_after_reconnect()
    {
        chromium.RequireBrowser();
        await using var server = await ServerProcess.StartAsync();
        await PublishAsync(server, "o-1", "created", "paid");
        await using var board = await chromium.OpenAsync(server);
        await board.ConnectWithKeyOnlyAsync();
        await board.SubscribeAsync("o-1");
        await board.ExpectVersionsAsync("o-1", 2);

        await RestartAsync(server, board);
        await PublishAsync(server, "o-1", "packed", "shipped", "delivered");
        await board.ExpectVersionsAsync("o-1", 2);
        await ComeBackAsync(board);

        await Expect(board.TimelineOf("o-1")).ToHaveTextAsync(["delivered", "shipped", "packed", "paid", "created"]);
        await board.ExpectVersionsAsync("o-1", 5);
        await Expect(board.Gaps).ToHaveCountAsync(0);
        await Expect(board.Announcement).ToHaveTextAsync("3 events since you were away. Order o-1: delivered");
        await Expect(board.Note).ToBeEmptyAsync();
        await board.Page.GetByText("Raw messages").ClickAsync();
        await Expect(board.Page.Locator("#raw-list"))
            .ToContainTextAsync("""{"type":"subscribe","data":{"orders":[{"order_id":"o-1","after":2,"epoch":""");
        await PublishAsync(server, "o-1", "returned");
        await board.ExpectVersionsAsync("o-1", 6);
    }

    [Fact]
    public async Task Organization_events_missed_while_offline_appear_after_reconnect()
    {
        chromium.RequireBrowser();
        await using var server = await ServerProcess.StartAsync();
        string[] orders = ["o-1", "o-2", "o-3"];
        await using var board = await chromium.OpenAsync(server);
        await board.ConnectAsync();
        await PublishAsync(server, "o-1", "created");
        // Two subscriptions cover this order.
        await board.SubscribeAsync("o-1");
        await board.ExpectVersionsAsync("o-1", 1);

        for (var round = 1; round <= 2; round++)
        {
            await RestartAsync(server, board);
            await PublishAsync(server, "o-2", "created", "paid", "packed");
            await PublishAsync(server, "o-1", "paid", "packed", "shipped");
            await PublishAsync(server, "o-3", "created");
            await PublishAsync(server, "o-2", "shipped");
            await ComeBackAsync(board);

            await board.ExpectVersionsAsync("o-1", 1 + (3 * round));
            await board.ExpectVersionsAsync("o-2", 4 * round);
            await board.ExpectVersionsAsync("o-3", round);
            await Expect(board.Gaps).ToHaveCountAsync(0);
            await Expect(board.Announcement).ToHaveTextAsync("8 events since you were away. 3 orders changed");
        }

        await board.KeepScreenshotAsync("resumed");
        foreach (var order in orders)
        {
            await PublishAsync(server, order, "archived");
            await Expect(board.StatusOf(order)).ToHaveTextAsync("archived");
        }

        await Expect(board.Gaps).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task More_missed_events_than_a_new_subscription_replays_appear_after_reconnect()
    {
        chromium.RequireBrowser();
        await using var server = await ServerProcess.StartAsync();
        string[] orders = ["o-1", "o-2", "o-3"];
        await PublishAsync(server, "o-1", "created");
        await using var board = await chromium.OpenAsync(server);
        await board.ConnectAsync();
        await board.ExpectVersionsAsync("o-1", 1);

        await RestartAsync(server, board);
        await Task.WhenAll(orders.Select(order => PublishAsync(server, order, Steps(45))));
        await ComeBackAsync(board);

        await board.ExpectVersionsAsync("o-1", 46);
        await board.ExpectVersionsAsync("o-2", 45);
        await board.ExpectVersionsAsync("o-3", 45);
        await Expect(board.Announcement).ToHaveTextAsync("135 events since you were away. 3 orders changed");
    }

    [Fact]
    public async Task Long_order_is_complete_up_to_the_pages_limit_after_reconnect()
    {
        chromium.RequireBrowser();
        await using var server = await ServerProcess.StartAsync();
        await PublishAsync(server, "o-1", "created");
        await using var board = await chromium.OpenAsync(server);
        await board.ConnectWithKeyOnlyAsync();
        await board.SubscribeAsync("o-1");
        await board.ExpectVersionsAsync("o-1", 1);

        await RestartAsync(server, board);
        await PublishAsync(server, "o-1", Steps(299));
        await ComeBackAsync(board);

        await Expect(board.VersionsOf("o-1")).ToHaveTextAsync(
            Enumerable.Range(251, 50).Reverse().Select(version => $"{version}"));
        await Expect(board.Gaps).ToHaveTextAsync(["250 versions before that, not seen here"]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Server_with_replaced_data_is_shown_with_its_new_data(bool isSigned)
    {
        chromium.RequireBrowser();
        await using var server = await ServerProcess.StartAsync();
        await PublishAsync(server, "o-1", "created", "paid", "packed");
        await using var board = await chromium.OpenAsync(server);
        await (isSigned ? board.ConnectAsync() : board.ConnectWithKeyOnlyAsync());
        await board.SubscribeAsync("o-1");
        await board.ExpectVersionsAsync("o-1", 3);

        await RestartAsync(server, board, () => Directory.Delete(server.DataDirectory, recursive: true));
        await PublishAsync(server, "o-1", "created again", "paid again");
        await ComeBackAsync(board);

        await Expect(board.TimelineOf("o-1")).ToHaveTextAsync(["paid again", "created again"]);
        await Expect(board.Note).ToHaveTextAsync("The server's data was replaced. The page now shows the new data.");
        await Expect(board.WatchError).ToBeEmptyAsync();
        await PublishAsync(server, "o-1", "packed again");
        await Expect(board.TimelineOf("o-1")).ToHaveTextAsync(["packed again", "paid again", "created again"]);
    }

    [Fact]
    public async Task Trimmed_events_are_reported_and_appear_as_gaps_in_the_timeline()
    {
        chromium.RequireBrowser();
        await using var server = await ServerProcess.StartAsync();
        await PublishAsync(server, "o-1", "created");
        await PublishAsync(server, "o-2", "created");
        await using var board = await chromium.OpenAsync(server);
        await board.ConnectWithKeyOnlyAsync();
        await board.SubscribeAsync("o-1");
        await board.SubscribeAsync("o-2");
        await board.ExpectVersionsAsync("o-1", 1);
        await board.ExpectVersionsAsync("o-2", 1);

        await RestartAsync(server, board);
        await PublishAsync(server, "o-1", "paid", "packed", "shipped");
        await PublishAsync(server, "o-2", "paid", "packed", "shipped");
        await RestartAsync(server, board, () => ForgetOldEvents(server));
        await ComeBackAsync(board);

        foreach (var order in new[] { "o-1", "o-2" })
        {
            await Expect(board.VersionsOf(order)).ToHaveTextAsync(["4", "1"]);
            await Expect(board.Card(order)).ToContainTextAsync("2 versions in between, not seen here");
        }

        await Expect(board.Note).ToHaveTextAsync(
            "The server no longer keeps older events, so the timelines do not contain them.");
        await board.KeepScreenshotAsync("resumed-with-a-gap");
    }

    [Fact]
    public async Task Page_that_slept_detects_its_dead_connection_and_resumes()
    {
        await PublishAsync(chromium.Server, "sleep-1", "created");
        await using var board = await chromium.OpenAsync();
        // Simulates a network change: the connection looks open, but nothing arrives any more.
        var isDead = false;
        await board.Page.RouteWebSocketAsync("**/ws", page =>
        {
            var server = page.ConnectToServer();
            page.OnMessage(message => { if (!isDead) { server.Send(message.Text!); } });
            server.OnMessage(message => { if (!isDead) { page.Send(message.Text!); } });
        });
        await board.Page.Clock.InstallAsync();
        await board.Page.ReloadAsync();
        await board.ConnectWithKeyOnlyAsync();
        await board.SubscribeAsync("sleep-1");
        await board.ExpectVersionsAsync("sleep-1", 1);

        isDead = true;
        await PublishAsync(chromium.Server, "sleep-1", "paid", "packed");
        await board.Page.Clock.FastForwardAsync("10:00");
        await Expect(board.State).ToHaveTextAsync("Connected");
        // After waking up, the page sends a ping and gets no answer.
        await board.Page.Clock.FastForwardAsync("00:11");
        await Expect(board.State).ToContainTextAsync("Reconnecting");
        isDead = false;

        await board.ExpectVersionsAsync("sleep-1", 3);
        await Expect(board.State).ToHaveTextAsync("Connected");
        await Expect(board.Gaps).ToHaveCountAsync(0);
    }

    private static string[] Steps(int count) => [.. Enumerable.Range(1, count).Select(step => $"step {step}")];

    private static async Task PublishAsync(ServerProcess server, string order, params string[] statuses)
    {
        await using var service = await PublishingService.ConnectAsync(server.GatewayPort);
        foreach (var status in statuses)
        {
            await service.PublishAsync("demo", order, status);
        }
    }

    /// <summary>Kills the server and starts it again while the page cannot reach it.</summary>
    private static async Task RestartAsync(ServerProcess server, BoardPage board, Action? meanwhile = null)
    {
        await board.Page.Context.SetOfflineAsync(true);
        await server.KillAsync();
        await Expect(board.State).ToContainTextAsync("Reconnecting");
        meanwhile?.Invoke();
        await server.StartAgainAsync();
    }

    private static async Task ComeBackAsync(BoardPage board)
    {
        await Expect(board.State).Not.ToHaveTextAsync("Connected");
        await board.Page.Context.SetOfflineAsync(false);
        await Expect(board.State).ToHaveTextAsync("Connected");
        await Expect(board.Subscriptions).Not.ToContainTextAsync("waiting");
    }

    /// <summary>Keeps only the newest event of each order, as a log with retention does.</summary>
    internal static void ForgetOldEvents(ServerProcess server)
    {
        using var connection = new SqliteConnection(
            $"Data Source={Path.Combine(server.DataDirectory, "orders.db")};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = """
            DELETE FROM events
            WHERE version < (SELECT max(version) FROM events e WHERE e.order_ref = events.order_ref)
            """;
        command.ExecuteNonQuery();
    }
}
