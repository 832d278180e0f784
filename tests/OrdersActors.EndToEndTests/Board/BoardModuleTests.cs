using System.Text.Json;

namespace OrdersActors.EndToEndTests.Board;

/// <summary>The modules of the page, each imported alone into the browser.</summary>
[Collection(BoardCollection.Name)]
public sealed class BoardModuleTests(ChromiumFixture chromium)
{
    // A server in the page for the real client: it confirms what is subscribed, and a script sends events. `log` is the
    // server's log: its epoch, the first number that is kept, and the newest number.
    private const string ScriptedServer = """
        const setUp = async () => {
          const { OrdersClient } = await import("/board/orders-client.js");
          const { ORGANIZATION, Subscriptions } = await import("/board/subscriptions.js");
          const log = { epoch: "first", earliest: 1, newest: 10, isDenied: false };
          const sockets = new Set();
          let requests = [];
          class Server {
            constructor() {
              sockets.add(this);
              queueMicrotask(() => this.onopen({}));
            }
            push(message) {
              this.onmessage?.({ data: JSON.stringify(message) });
            }
            send(text) {
              const { type, data, id } = JSON.parse(text);
              if (type === "connect") {
                this.push({ type: "connected", data: { status: "authenticated" }, id });
              } else if (type === "subscribe") {
                (data.orders ?? [data]).forEach(entry => this.#answer(entry, id));
              }
            }
            close() {
              sockets.delete(this);
            }
            #answer({ order_id, after, last, epoch }, id) {
              requests.push(`${order_id ?? "all"} ${after === undefined ? `last ${last}` : `after ${after} ${epoch}`}`);
              if (log.isDenied) {
                return this.push({ type: "error", data: { code: "access_denied", message: "denied", order_id }, id });
              }
              const resumed = after === undefined || (epoch === log.epoch && after >= log.earliest - 1);
              const newest = after === undefined ? 0 : log.newest;
              this.push({ type: "subscription", id, data: { order_id, status: "subscribed", resumed,
                earliest: resumed ? undefined : log.earliest, epoch: log.epoch, position: newest } });
              this.orders = [...this.orders ?? [], order_id];
            }
          }
          const told = [];
          const subscriptions = new Subscriptions({
            onEvent: () => {}, onChange: () => {}, onReplay: isReturn => told.push(isReturn ? "return" : "new"),
            onCut: () => told.push("cut"), onReplaced: id => told.push(`replaced ${id}`),
            onRefused: (id, error) => told.push(`refused ${id} ${error.code}`),
          });
          const connect = () => {
            const client = new OrdersClient("ws://scripted/ws", { apiKey: "key", WebSocket: Server });
            client.on("error", () => {});
            subscriptions.moveTo(client);
            return client;
          };
          return {
            ORGANIZATION, connect, log, subscriptions, told,
            drop: () => [...sockets].forEach(socket => socket.onclose({ code: 1006 })),
            next: async count => {
              while (requests.length < count) {
                await new Promise(resolve => setTimeout(resolve, 20));
              }
            },
            asked: () => requests.splice(0).sort(),
            send: (order_id, ...numbers) => numbers.forEach(number => {
              for (const socket of sockets) {
                if (socket.orders.includes(order_id)) {
                  const data = { order_id: order_id ?? "o", version: number, sequence: number };
                  socket.push({ type: "event", data });
                }
              }
            }),
          };
        };
        """;

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
    public async Task Subscription_resumes_after_its_last_event_also_with_another_client_and_a_cut_is_noted()
    {
        var result = await RunAsync(ScriptedServer + """
            async () => {
              const { ORGANIZATION, connect, drop, next, asked, send, log, subscriptions, told } = await setUp();
              let client = connect();
              await Promise.all([subscriptions.add("o"), subscriptions.add(ORGANIZATION)]);
              const first = asked();
              send("o", 1, 2, 3);
              send(undefined, 1, 2);
              drop();
              await next(2);
              const resumed = asked();
              send("o", 4, 5);
              client.close();
              client = connect();
              await next(2);
              const moved = asked();
              log.earliest = 9;
              drop();
              await next(2);
              client.close();
              return { first, resumed, moved, told };
            }
            """);
        Assert.Equal(["all last 100", "o last 50"], Read<string[]>(result, "first"));
        Assert.Equal(["all after 2 first", "o after 3 first"], Read<string[]>(result, "resumed"));
        Assert.Equal(["all after 2 first", "o after 5 first"], Read<string[]>(result, "moved"));
        Assert.Equal(
            ["new", "new", "return", "return", "return", "return", "return", "cut", "return", "cut"],
            Read<string[]>(result, "told"));
    }

    [Fact]
    public async Task Subscription_starts_again_after_the_servers_history_was_rewritten()
    {
        var result = await RunAsync(ScriptedServer + """
            async () => {
              const { ORGANIZATION, connect, drop, next, asked, send, log, subscriptions, told } = await setUp();
              const client = connect();
              await Promise.all([subscriptions.add("o"), subscriptions.add(ORGANIZATION)]);
              asked();
              send("o", 1, 2, 3);
              send(undefined, 1, 2);
              log.epoch = "second";
              drop();
              await next(2);
              const same = asked();
              drop();
              await next(2);
              client.close();
              return { same, replaced: asked(), told: told.filter(text => text !== "new" && text !== "return").sort() };
            }
            """);
        Assert.Equal(["all after 2 first", "o after 3 first"], Read<string[]>(result, "same"));
        Assert.Equal(["all after 0 second", "o after 0 second"], Read<string[]>(result, "replaced"));
        Assert.Equal(["replaced ", "replaced o"], Read<string[]>(result, "told"));
    }

    [Fact]
    public async Task Refused_subscription_is_removed_and_its_error_goes_to_who_asked_for_it()
    {
        var result = await RunAsync(ScriptedServer + """
            async () => {
              const { connect, drop, next, asked, log, subscriptions, told } = await setUp();
              const client = connect();
              await subscriptions.add("o");
              log.isDenied = true;
              const refused = await subscriptions.add("another").catch(error => error.code);
              const left = subscriptions.all.map(([orderId]) => orderId);
              asked();
              drop();
              await next(1);
              client.close();
              return { refused, left, last: subscriptions.all.length, told };
            }
            """);
        Assert.Equal("access_denied", Read<string>(result, "refused"));
        Assert.Equal(["o"], Read<string[]>(result, "left"));
        Assert.Equal(0, Read<int>(result, "last"));
        Assert.Equal(["new", "refused o access_denied"], Read<string[]>(result, "told"));
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
