using Microsoft.Data.Sqlite;
using Microsoft.Playwright;
using OrdersActors.TestServer;
using static Microsoft.Playwright.Assertions;

namespace OrdersActors.EndToEndTests.Board;

/// <summary>Whoever comes sees where the orders stand, and whoever comes back misses nothing.</summary>
[Collection(BoardCollection.Name)]
public sealed class BoardResumeTests(ChromiumFixture chromium)
{
    [Fact]
    public async Task An_orders_history_appears_on_subscribing()
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
    public async Task The_organizations_newest_events_appear_on_connecting()
    {
        await PublishAsync(chromium.Server, "history-2", "created", "paid");
        await PublishAsync(chromium.Server, "history-3", "created");
        await using var board = await chromium.OpenAsync();
        await board.ConnectAsync();

        await board.ExpectVersionsAsync("history-2", 2);
        await board.ExpectVersionsAsync("history-3", 1);
        // Both have been shown, and still each event is there once.
        await board.SubscribeAsync("history-2");
        await Expect(board.Subscriptions.GetByRole(AriaRole.Listitem)).ToHaveCountAsync(2);
        await PublishAsync(chromium.Server, "history-2", "packed");
        await board.ExpectVersionsAsync("history-2", 3);
        board.AssertNoProblems();
    }

    [Fact]
    public async Task What_happened_to_an_order_while_the_page_was_away_is_all_there_when_it_is_back()
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
        await Expect(board.Page.Locator("#raw-list")).ToContainTextAsync("""{"type":"subscribe","data":{"order_id":"o-1","after":2,"epoch":""");
        await PublishAsync(server, "o-1", "returned");
        await board.ExpectVersionsAsync("o-1", 6);
    }

    [Fact]
    public async Task What_happened_in_the_organization_while_the_page_was_away_is_all_there_when_it_is_back()
    {
        chromium.RequireBrowser();
        await using var server = await ServerProcess.StartAsync();
        string[] orders = ["o-1", "o-2", "o-3"];
        await using var board = await chromium.OpenAsync(server);
        await board.ConnectAsync();
        await PublishAsync(server, "o-1", "created");
        // One of them is watched twice.
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
    public async Task More_than_a_new_subscription_begins_with_is_there_too()
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
    public async Task An_order_that_went_on_for_long_is_complete_as_far_as_the_page_keeps_it()
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
    public async Task A_server_with_other_data_is_shown_as_it_is(bool isSigned)
    {
        chromium.RequireBrowser();
        await using var server = await ServerProcess.StartAsync();
        await PublishAsync(server, "o-1", "created", "paid", "packed");
        await using var board = await chromium.OpenAsync(server);
        await (isSigned ? board.ConnectAsync() : board.ConnectWithKeyOnlyAsync());
        await board.SubscribeAsync("o-1");
        await board.ExpectVersionsAsync("o-1", 3);

        await RestartAsync(server, board, () => Directory.Delete(server.DataDirectory, recursive: true));
        await PublishAsync(server, "o-1", "created anew", "paid anew");
        await ComeBackAsync(board);

        await Expect(board.TimelineOf("o-1")).ToHaveTextAsync(["paid anew", "created anew"]);
        await Expect(board.Note).ToHaveTextAsync("The server's data was replaced. The page now shows the new data.");
        await Expect(board.WatchError).ToBeEmptyAsync();
        await PublishAsync(server, "o-1", "packed anew");
        await Expect(board.TimelineOf("o-1")).ToHaveTextAsync(["packed anew", "paid anew", "created anew"]);
    }

    [Fact]
    public async Task What_is_no_longer_kept_is_said_and_the_timeline_shows_where_it_was()
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
    public async Task A_page_that_slept_finds_its_connection_dead_and_resumes()
    {
        await PublishAsync(chromium.Server, "sleep-1", "created");
        await using var board = await chromium.OpenAsync();
        // What a changed network does to a connection: it looks open, and nothing arrives any more.
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
        // Awake again, the page asks for a sign of life and waits for it in vain.
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

    /// <summary>Kills the server and starts it again, while the page cannot reach it.</summary>
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

    /// <summary>Leaves only the newest event of each order, as a log does that does not keep everything.</summary>
    private static void ForgetOldEvents(ServerProcess server)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(server.DataDirectory, "orders.db")};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "DELETE FROM events WHERE version < (SELECT version FROM orders WHERE id = order_ref)";
        command.ExecuteNonQuery();
    }
}
