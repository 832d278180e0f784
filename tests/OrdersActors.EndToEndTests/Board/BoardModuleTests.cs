using System.Text.Json;

namespace OrdersActors.EndToEndTests.Board;

/// <summary>The modules of the page, each imported alone into the browser.</summary>
[Collection(BoardCollection.Name)]
public sealed class BoardModuleTests(ChromiumFixture chromium)
{
    [Fact]
    public async Task Timeline_is_in_version_order_without_repeats_for_any_arrival_order()
    {
        var result = await RunAsync("""
            async () => {
              const { Orders, missingBelow } = await import("/board/orders.js");
              const orders = new Orders();
              const event = version =>
                ({ order_id: "o", organization_id: "demo", version, status: `s${version}`, occurred_at: "" });
              const news = [3, 1, 3, 6, 2, 1].map(version => orders.apply(event(version)) !== null);
              const { order } = orders.apply(event(7));
              const missing = order.entries.map((_, i) => missingBelow(order.entries, i));
              return { news, versions: order.entries.map(e => e.version), missing };
            }
            """);
        Assert.Equal([true, true, false, true, true, false], Read<bool[]>(result, "news"));
        Assert.Equal([7, 6, 3, 2, 1], Read<int[]>(result, "versions"));
        Assert.Equal([0, 2, 0, 0, 0], Read<int[]>(result, "missing"));
    }

    [Fact]
    public async Task Page_memory_is_bounded_and_drops_the_least_recently_changed_order_first()
    {
        var result = await RunAsync("""
            async () => {
              const { Orders, MAX_ORDERS, MAX_ENTRIES } = await import("/board/orders.js");
              const orders = new Orders();
              const event = (order_id, version) =>
                ({ order_id, organization_id: "demo", version, status: "s", occurred_at: "" });
              for (let i = 1; i <= MAX_ORDERS; i++) orders.apply(event(`o-${i}`, 1));
              orders.apply(event("o-1", 2));
              const { dropped } = orders.apply(event("one too many", 1));
              let last;
              for (let version = 1; version <= MAX_ENTRIES + 10; version++)
                last = orders.apply(event("o-3", version)) ?? last;
              const entries = last.order.entries;
              return { size: orders.size === MAX_ORDERS, dropped: dropped.id, entries: entries.length === MAX_ENTRIES,
                newest: entries[0].version - MAX_ENTRIES, old: orders.apply(event("o-3", 1)) === null };
            }
            """);
        Assert.True(Read<bool>(result, "size"));
        Assert.Equal("o-2", Read<string>(result, "dropped"));
        Assert.True(Read<bool>(result, "entries"));
        Assert.Equal(10, Read<int>(result, "newest"));
        Assert.True(Read<bool>(result, "old"));
    }

    [Fact]
    public async Task Subscription_resumes_after_its_last_event_or_starts_again_if_the_server_cannot_resume()
    {
        var result = await RunAsync("""
            async () => {
              const { ORGANIZATION, Subscriptions } = await import("/board/subscriptions.js");
              let asked = [];
              let newest = 100;
              const request = async (type, { order_id, after, last }) => {
                asked.push(`${order_id ?? "all"} ${after === undefined ? `last ${last}` : `after ${after}`}`);
                if (after > newest) throw Object.assign(new Error("beyond"), { code: "invalid_message" });
                return { resumed: after !== 4 };
              };
              const told = [];
              const subscriptions = new Subscriptions(request, {
                onChange: () => {}, onReplay: () => {}, onCut: () => told.push("cut"),
                onReplaced: id => told.push(`replaced ${id}`),
              });
              const renew = async () => { asked = []; await subscriptions.renew(); return asked; };
              await subscriptions.add("o");
              subscriptions.advance({ order_id: "o", version: 3 });
              subscriptions.advance({ order_id: "another", version: 7 });
              subscriptions.advance({ order_id: "o" });
              await subscriptions.add(ORGANIZATION);
              const first = asked;
              const still = await renew();
              subscriptions.advance({ order_id: "o", version: 4, sequence: 20 });
              subscriptions.advance({ order_id: "o", version: 2, sequence: 18 });
              const moved = await renew();
              newest = 10;
              return { first, still, moved, replaced: await renew(), told };
            }
            """);
        Assert.Equal(["o last 50", "all last 100"], Read<string[]>(result, "first"));
        Assert.Equal(["all last 100", "o after 3"], Read<string[]>(result, "still"));
        Assert.Equal(["all after 20", "o after 4"], Read<string[]>(result, "moved"));
        Assert.Equal(["all after 20", "all last 100", "o last 50"], Read<string[]>(result, "replaced"));
        Assert.Equal(["cut", "replaced "], Read<string[]>(result, "told"));
    }

    [Fact]
    public async Task Subscription_starts_again_after_the_servers_history_was_rewritten()
    {
        var result = await RunAsync("""
            async () => {
              const { ORGANIZATION, Subscriptions } = await import("/board/subscriptions.js");
              let asked = [];
              let log = { epoch: "first", position: 9 };
              const request = async (type, { order_id, after, epoch }) => {
                asked.push(`${order_id ?? "all"} ${after} ${epoch}`);
                return { ...log, resumed: after === undefined || (epoch === log.epoch && after <= log.position) };
              };
              const told = [];
              const subscriptions = new Subscriptions(request, {
                onChange: () => {}, onReplay: () => {}, onCut: () => told.push("cut"),
                onReplaced: id => told.push(`replaced ${id}`),
              });
              const renew = async () => { asked = []; await subscriptions.renew(); return asked; };
              await subscriptions.add(ORGANIZATION);
              await subscriptions.add("o");
              subscriptions.advance({ order_id: "o", version: 3, sequence: 9 });
              const same = await renew();
              log = { epoch: "second", position: 20 };
              const replaced = await renew();
              subscriptions.advance({ order_id: "o", version: 4, sequence: 20 });
              log = { epoch: "second", position: 10 };
              return { same, replaced, cut: await renew(), told };
            }
            """);
        Assert.Equal(["all 9 first", "o 3 first"], Read<string[]>(result, "same"));
        Assert.Equal(["all 9 first", "o undefined undefined"], Read<string[]>(result, "replaced"));
        Assert.Equal(["all 20 second", "o undefined undefined"], Read<string[]>(result, "cut"));
        Assert.Equal(["replaced ", "replaced "], Read<string[]>(result, "told"));
    }

    [Fact]
    public async Task Invalid_event_changes_nothing()
    {
        var result = await RunAsync("""
            async () => {
              const { Orders } = await import("/board/orders.js");
              const orders = new Orders();
              const odd = [undefined, null, 7, {}, { order_id: "o" }, { order_id: 7, version: 1 },
                { order_id: "o", version: "1" }, { order_id: "o", version: 1.5 }];
              return { taken: odd.filter(event => orders.apply(event) !== null).length, size: orders.size };
            }
            """);
        Assert.Equal(0, Read<int>(result, "taken"));
        Assert.Equal(0, Read<int>(result, "size"));
    }

    [Fact]
    public async Task Raw_log_keeps_the_newest_messages_and_truncates_long_ones()
    {
        var result = await RunAsync("""
            async () => {
              const { RawLog, MAX_MESSAGES, MAX_CHARACTERS } = await import("/board/raw.js");
              const part = name => document.createElement(name);
              const log = new RawLog({ fold: part("details"), list: part("ol"), count: part("span") });
              for (let i = 0; i < MAX_MESSAGES + 5; i++) log.add("received", `message ${i}`);
              log.add("sent", "x".repeat(MAX_CHARACTERS + 7));
              const lines = log.text.split("\n");
              return {
                kept: lines.length === MAX_MESSAGES, first: lines[0].split(" ← ")[1], last: lines.at(-1).slice(-30) };
            }
            """);
        Assert.True(Read<bool>(result, "kept"));
        Assert.Equal("message 6", Read<string>(result, "first"));
        Assert.EndsWith("x… (7 more characters)", Read<string>(result, "last"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Signature_equals_the_protocols_test_vector()
    {
        await using var board = await chromium.OpenAsync();
        var signature = await board.Page.EvaluateAsync<string>(
            """async () => (await import("/board/signature.js")).sign("key", "whsec_test", 1700000000)""");
        Assert.Equal(Signatures.Make("key", "whsec_test", 1_700_000_000), signature);
    }

    private async Task<JsonElement> RunAsync(string script)
    {
        await using var board = await chromium.OpenAsync();
        return (await board.Page.EvaluateAsync(script))!.Value;
    }

    private static T Read<T>(JsonElement result, string name) => result.GetProperty(name).Deserialize<T>()!;
}
