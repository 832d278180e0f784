namespace OrdersActors.EndToEndTests.Board;

/// <summary>The modules of the page, each imported alone into the browser.</summary>
[Collection(BoardCollection.Name)]
public sealed class BoardModuleTests(ChromiumFixture chromium)
{
    [Fact]
    public async Task Timeline_is_in_version_order_without_repeats_for_any_arrival_order()
    {
        var result = await chromium.RunAsync("""
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
        Assert.Equal([true, true, false, true, true, false], result.Read<bool[]>("news"));
        Assert.Equal([7, 6, 3, 2, 1], result.Read<int[]>("versions"));
        Assert.Equal([0, 2, 0, 0, 0], result.Read<int[]>("missing"));
    }

    [Fact]
    public async Task Page_memory_is_bounded_and_drops_the_least_recently_changed_order_first()
    {
        var result = await chromium.RunAsync("""
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
        Assert.True(result.Read<bool>("size"));
        Assert.Equal("o-2", result.Read<string>("dropped"));
        Assert.True(result.Read<bool>("entries"));
        Assert.Equal(10, result.Read<int>("newest"));
        Assert.True(result.Read<bool>("old"));
    }

    [Fact]
    public async Task Invalid_event_changes_nothing()
    {
        var result = await chromium.RunAsync("""
            async () => {
              const { Orders } = await import("/board/orders.js");
              const orders = new Orders();
              const odd = [undefined, null, 7, {}, { order_id: "o" }, { order_id: 7, version: 1 },
                { order_id: "o", version: "1" }, { order_id: "o", version: 1.5 }];
              return { taken: odd.filter(event => orders.apply(event) !== null).length, size: orders.size };
            }
            """);
        Assert.Equal(0, result.Read<int>("taken"));
        Assert.Equal(0, result.Read<int>("size"));
    }

    [Fact]
    public async Task Demo_account_is_read_again_until_the_server_answers()
    {
        var result = await chromium.RunAsync("""
            async () => {
              const { readDemoAccount } = await import("/board/demo.js");
              const { fetch } = globalThis;
              const answers = [
                () => Promise.reject(new TypeError("unreachable")),
                () => new Response("", { status: 503 }),
                () => new Response("{}", { status: 200 }).text().then(() => { throw new SyntaxError("cut"); }),
                () => new Response(JSON.stringify({ demo: { api_key: "k" } })),
                () => new Response("", { status: 404 }),
              ];
              try {
                globalThis.fetch = async () => answers.shift()();
                return { found: (await readDemoAccount()).api_key, none: await readDemoAccount() === null };
              } finally {
                globalThis.fetch = fetch;
              }
            }
            """);
        Assert.Equal("k", result.Read<string>("found"));
        Assert.True(result.Read<bool>("none"));
    }

    [Fact]
    public async Task Raw_log_keeps_the_newest_messages_and_truncates_long_ones()
    {
        var result = await chromium.RunAsync("""
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
        Assert.True(result.Read<bool>("kept"));
        Assert.Equal("message 6", result.Read<string>("first"));
        Assert.EndsWith("x… (7 more characters)", result.Read<string>("last"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Signature_equals_the_protocols_test_vector()
    {
        await using var board = await chromium.OpenAsync();
        var signature = await board.Page.EvaluateAsync<string>(
            """async () => (await import("/board/signature.js")).sign("key", "whsec_test", 1700000000)""");
        Assert.Equal(Signatures.Make("key", "whsec_test", 1_700_000_000), signature);
    }
}
