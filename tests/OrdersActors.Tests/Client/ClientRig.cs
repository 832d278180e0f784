using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using OrdersActors.Client;
using OrdersActors.Client.Connections;
using OrdersActors.TestServer;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Client;

/// <summary>A client with a fake clock, whose server is the test.</summary>
internal sealed class ClientRig : IAsyncDisposable
{
    private static readonly TimeSpan LongStep = TimeSpan.FromMilliseconds(500);
    private static readonly DateTimeOffset Start = new(2026, 1, 2, 3, 4, 0, TimeSpan.Zero);

    private readonly ConcurrentQueue<FakeServerSocket> _opened = [];
    private readonly List<WatchRun> _watches = [];
    private Func<Exception>? _refusal;

    public ClientRig(Action<OrdersClientOptions>? configure = null)
    {
        Options = new OrdersClientOptions { Address = new Uri("wss://orders.example"), ApiKey = "oak_test" };
        configure?.Invoke(Options);
        Client = new OrdersClient(Options, Logger, Time, new Random(1), _ =>
        {
            Attempts++;
            if (_refusal is not null)
            {
                throw _refusal();
            }

            var socket = new FakeServerSocket();
            _opened.Enqueue(socket);
            return Task.FromResult<IClientSocket>(socket);
        });
        Client.StateChanged += (_, state) => States.Enqueue(state);
    }

    public FakeTimeProvider Time { get; } = new(Start);

    public RecordingLogger<OrdersClient> Logger { get; } = new();

    public OrdersClientOptions Options { get; }

    public OrdersClient Client { get; }

    public ConcurrentQueue<OrdersClientState> States { get; } = [];

    /// <summary>How often the client has tried to open a connection.</summary>
    public int Attempts { get; private set; }

    /// <summary>The number of connections that the test has not taken.</summary>
    public int Untaken => _opened.Count;

    /// <summary>Lets all further attempts to open a connection fail, or succeed again.</summary>
    public void Refuse(Func<Exception>? refusal) => _refusal = refusal;

    public WatchRun Watch(string? order, WatchStart start = default, SemaphoreSlim? permits = null)
    {
        var run = new WatchRun(Client, order, start, permits);
        _watches.Add(run);
        return run;
    }

    /// <summary>Moves the clock on until something has happened.</summary>
    public Task AdvanceUntilAsync(Func<bool> condition, string what, int mostSeconds = 60) =>
        Time.AdvanceUntilAsync(condition, () => $"{what} has not happened. {Logger.Text}", mostSeconds);

    /// <summary>Moves the clock on, or until the client has opened a connection that the test must answer.</summary>
    public async Task AdvanceAsync(TimeSpan time)
    {
        for (var left = time; left > TimeSpan.Zero && Untaken == 0; left -= LongStep)
        {
            await Task.Delay(1, TestContext.Current.CancellationToken);
            Time.Advance(left < LongStep ? left : LongStep);
        }

        await Task.Delay(20, TestContext.Current.CancellationToken);
    }

    /// <summary>Takes the next connection that the client opens.</summary>
    public async Task<FakeServerSocket> OpenAsync()
    {
        FakeServerSocket? socket = null;
        await AdvanceUntilAsync(() => _opened.TryDequeue(out socket), "a connection");
        return socket!;
    }

    /// <summary>Takes the next connection, and confirms its connect.</summary>
    public async Task<FakeServerSocket> ConnectAsync()
    {
        var socket = await OpenAsync();
        var connect = await TakeAsync(socket, "connect");
        socket.Receive($$$"""{"type":"connected","data":{"status":"authenticated"},"id":{{{connect["id"]}}}}""");
        return socket;
    }

    /// <summary>Takes the next message of the client, which must have this type.</summary>
    public async Task<JsonNode> TakeAsync(FakeServerSocket socket, string type)
    {
        JsonNode? message = null;
        await AdvanceUntilAsync(() => socket.Sent.TryRead(out message), $"a {type}");
        Assert.Equal(type, (string?)message!["type"]);
        return message;
    }

    /// <summary>Takes the next subscribe, which must be for these feeds, and confirms all its entries.</summary>
    public async Task<JsonNode> ConfirmAsync(
        FakeServerSocket socket, long position, string epoch = "E1", long? earliest = null)
    {
        var subscribe = await TakeAsync(socket, "subscribe");
        foreach (var entry in EntriesOf(subscribe))
        {
            Confirm(socket, subscribe, (string?)entry["order_id"], position, epoch, earliest);
        }

        return subscribe["data"]!;
    }

    public static void Confirm(
        FakeServerSocket socket, JsonNode subscribe, string? order, long position, string epoch = "E1",
        long? earliest = null)
    {
        var data = new JsonObject { ["scope"] = order is null ? "organization" : "order", ["status"] = "subscribed" };
        if (order is not null)
        {
            data["order_id"] = order;
        }

        data["resumed"] = earliest is null;
        if (earliest is not null)
        {
            data["earliest"] = earliest;
        }

        (data["epoch"], data["position"]) = (epoch, position);
        socket.Receive(new JsonObject
        {
            ["type"] = "subscription",
            ["data"] = data,
            ["id"] = subscribe["id"]!.DeepClone(),
        });
    }

    public static IEnumerable<JsonNode> EntriesOf(JsonNode subscribe) =>
        subscribe["data"]!["orders"]?.AsArray().Select(entry => entry!) ?? [subscribe["data"]!];

    public async ValueTask DisposeAsync()
    {
        await Client.DisposeAsync();
        foreach (var watch in _watches)
        {
            await watch.DisposeAsync();
        }
    }
}
