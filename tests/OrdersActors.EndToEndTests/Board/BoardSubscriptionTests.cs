namespace OrdersActors.EndToEndTests.Board;

/// <summary>The subscriptions of the page, and whether a replay is in progress, without a real server.</summary>
[Collection(BoardCollection.Name)]
public sealed class BoardSubscriptionTests(ChromiumFixture chromium)
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
    public async Task Subscription_resumes_after_its_last_event_also_with_another_client_and_a_cut_is_noted()
    {
        var result = await chromium.RunAsync(ScriptedServer + """
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
        Assert.Equal(["all last 100", "o last 50"], result.Read<string[]>("first"));
        Assert.Equal(["all after 2 first", "o after 3 first"], result.Read<string[]>("resumed"));
        Assert.Equal(["all after 2 first", "o after 5 first"], result.Read<string[]>("moved"));
        Assert.Equal(
            ["new", "new", "return", "return", "return", "return", "return", "cut", "return", "cut"],
            result.Read<string[]>("told"));
    }

    [Fact]
    public async Task Subscription_starts_again_after_the_servers_history_was_rewritten()
    {
        var result = await chromium.RunAsync(ScriptedServer + """
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
        Assert.Equal(["all after 2 first", "o after 3 first"], result.Read<string[]>("same"));
        Assert.Equal(["all after 0 second", "o after 0 second"], result.Read<string[]>("replaced"));
        Assert.Equal(["replaced ", "replaced o"], result.Read<string[]>("told"));
    }

    [Fact]
    public async Task Refused_subscription_is_removed_and_its_error_goes_to_who_asked_for_it()
    {
        var result = await chromium.RunAsync(ScriptedServer + """
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
        Assert.Equal("access_denied", result.Read<string>("refused"));
        Assert.Equal(["o"], result.Read<string[]>("left"));
        Assert.Equal(0, result.Read<int>("last"));
        Assert.Equal(["new", "refused o access_denied"], result.Read<string[]>("told"));
    }

    [Fact]
    public async Task Replay_of_several_subscriptions_is_announced_once_after_its_last_event()
    {
        var result = await chromium.RunAsync(ScriptedServer + """
            async () => {
              const { ORGANIZATION, connect, drop, next, asked, send, log, subscriptions } = await setUp();
              const client = connect();
              const states = [];
              const note = () => states.push(subscriptions.isReplaying);
              client.on("state", state => { subscriptions.isConnected = state === "connected"; });
              await Promise.all([subscriptions.add("o"), subscriptions.add(ORGANIZATION)]);
              asked();
              note();
              log.newest = 3;
              drop();
              note();
              await next(2);
              send("o", 1, 2, 3);
              note();
              send(undefined, 1, 2);
              note();
              send(undefined, 3);
              note();
              client.close();
              return { states };
            }
            """);
        Assert.Equal([false, true, true, true, false], result.Read<bool[]>("states"));
    }
}
