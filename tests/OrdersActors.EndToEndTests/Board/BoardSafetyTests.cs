using static Microsoft.Playwright.Assertions;

namespace OrdersActors.EndToEndTests.Board;

/// <summary>The content of an event always stays text.</summary>
[Collection(BoardCollection.Name)]
public sealed class BoardSafetyTests(ChromiumFixture chromium)
{
    private const string Attack = "<img src=x onerror=\"window.hacked=1\"><script>hacked=1</script>";

    [Fact]
    public async Task Markup_in_a_live_event_is_shown_as_text_and_creates_no_elements()
    {
        await using var board = await chromium.OpenAsync();
        await board.ConnectAsync();
        await board.Page.GetByText("Raw messages").ClickAsync();
        await chromium.Server.PublishAsync(
            "demo", Attack, Attack,
            """{"</pre><script>hacked=1</script>": "<img src=x onerror=hacked=1>", "__proto__": {"shown": true}}""");

        await Expect(board.StatusOf(Attack)).ToHaveTextAsync(Attack);
        await Expect(board.Card(Attack).Locator("h3")).ToHaveTextAsync(Attack);
        await Expect(board.TimelineOf(Attack)).ToHaveTextAsync([Attack]);
        await Expect(board.DetailNamesOf(Attack))
            .ToHaveTextAsync(["</pre><script>hacked=1</script>", "__proto__", "shown"]);
        await Expect(board.Card(Attack).Locator("dd").First).ToHaveTextAsync("<img src=x onerror=hacked=1>");
        await Expect(board.Page.Locator("#raw-list")).ToContainTextAsync("</pre><script>");
        await board.SubscribeAsync(Attack);
        await Expect(board.Subscriptions).ToContainTextAsync(Attack);
        await AssertHarmlessAsync(board);
        await board.KeepScreenshotAsync("markup-stays-text");
    }

    [Fact]
    public async Task Markup_in_a_replayed_event_is_shown_as_text_and_creates_no_elements()
    {
        const string order = Attack + " of old";
        await chromium.Server.PublishAsync("demo", order, Attack);
        await chromium.Server.PublishAsync(
            "demo", order, Attack, """{"<b>": "<img src=x onerror=hacked=1>"}""");
        await using var board = await chromium.OpenAsync();
        await board.ConnectWithKeyOnlyAsync();
        await board.SubscribeAsync(order);

        await Expect(board.TimelineOf(order)).ToHaveTextAsync([Attack, Attack]);
        await AssertHarmlessAsync(board);
    }

    [Fact]
    public async Task Browser_refuses_to_turn_text_into_markup_or_script()
    {
        await using var board = await chromium.OpenAsync();
        var refused = await board.Page.EvaluateAsync<bool>(
            "() => { try { document.body.innerHTML = '<b>x</b>'; return false; } "
            + "catch (e) { return e instanceof TypeError; } }");
        Assert.True(refused);
        await board.Page.EvaluateAsync("""
            () => {
              const button = document.createElement("button");
              try { button.setAttribute("onclick", "hacked = 1"); } catch { /* refused already */ }
              document.body.append(button);
              button.click();
            }
            """);
        Assert.False(await board.Page.EvaluateAsync<bool>("() => 'hacked' in window"));
    }

    private static async Task AssertHarmlessAsync(BoardPage board)
    {
        var made = await board.Page.EvaluateAsync<int>(
            "() => document.querySelectorAll('main :is(img, script), footer :is(img, script)').length");
        Assert.Equal(0, made);
        Assert.False(await board.Page.EvaluateAsync<bool>("() => 'hacked' in window"));
        board.AssertNoProblems();
    }
}
