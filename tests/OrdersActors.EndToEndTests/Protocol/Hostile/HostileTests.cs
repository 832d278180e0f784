using System.Diagnostics;
using System.Globalization;
using OrdersActors.TestServer;
using OrdersActors.TestServer.Hostile;

namespace OrdersActors.EndToEndTests.Protocol.Hostile;

/// <summary>
/// A server with a limited heap, so that unbounded queues of clients would crash it. Its limits end idle or misbehaving
/// connections within seconds.
/// </summary>
public sealed class BesiegedServer : IAsyncLifetime
{
    private const long HeapLimit = 160 * 1024 * 1024;

    private ServerProcess? _server;

    public ServerProcess Server => _server!;

    public PublishingService Service { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await ServerProcess.StartAsync(new ServerSettings
        {
            Variables = new()
            {
                ["DOTNET_GCHeapHardLimit"] = HeapLimit.ToString("X", CultureInfo.InvariantCulture),
                ["OrdersActors__FrontEnd__AuthenticationDeadline"] = "00:00:05",
                ["OrdersActors__FrontEnd__CloseTimeout"] = "00:00:02",
                // The attackers and the well-behaved client share this process, which may be busy for seconds.
                ["OrdersActors__FrontEnd__PingInterval"] = "00:00:08",
                // So that every subscribe of an attack is looked up. All attackers share one address.
                ["OrdersActors__FrontEnd__DeniedSubscribesPerConnection"] = "1000000",
                ["OrdersActors__FrontEnd__DeniedSubscribesPerAddress"] = "1000000",
                ["OrdersActors__FrontEnd__DeniedSubscribesPerKey"] = "1000000",
            },
        });
        // From now on the server knows the key, so connects with it do not need the address's failure budget.
        await using (await SeedClient.ConnectAsync(_server.WebSocketAddress, "demo-key"))
        {
        }

        Service = await PublishingService.ConnectAsync(_server.GatewayPort);
        for (var i = 0; i < 20; i++)
        {
            await Service.PublishAsync("demo", Attacks.Order, "grown", $$"""{"text":"{{new string('x', 10_000)}}"}""");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Service.DisposeAsync();
        await _server!.DisposeAsync();
    }
}

public sealed class HostileTests(BesiegedServer besieged) : IClassFixture<BesiegedServer>
{
    private static readonly TimeSpan Length = TimeSpan.FromSeconds(4);

    // The noise of a runtime that has just started, and the attacks' permitted share: their queues and kernel buffers.
    private const long AllowedGrowth = 100_000_000;

    public static TheoryData<string> Names { get; } = [.. Attacks.All.Select(attack => attack.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Memory_is_bounded_and_a_well_behaved_client_gets_its_events_during_an_attack(string name)
    {
        var order = RunningServer.NewOrder();
        await besieged.Service.PublishAsync("demo", order, "created");
        await using var client = await SeedClient.ConnectAsync(besieged.Server.WebSocketAddress, "demo-key");
        await client.SubscribeAsync(order);
        var before = Memory();
        var peak = before;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var attack = Attacks.Get(name).RunAsync(besieged.Server.WebSocketAddress, stop.Token);
        var watch = Stopwatch.StartNew();
        var published = 0;
        while (watch.Elapsed < Length)
        {
            await besieged.Service.PublishAsync("demo", order, $"step-{published++}");
            peak = Math.Max(peak, Memory());
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }

        await client.WaitForEventsAsync(published);
        await stop.CancelAsync();
        await attack;
        Assert.True(peak - before < AllowedGrowth, $"{before / 1e6:0} MB before and {peak / 1e6:0} MB during {name}");
        Assert.DoesNotContain("fail:", besieged.Server.Output, StringComparison.Ordinal);
        // Clients that connect afterwards are served.
        await using var next = await SeedClient.ConnectAsync(besieged.Server.WebSocketAddress, "demo-key");
    }

    [Fact]
    public async Task Denied_subscribes_leave_no_grain_activations_behind()
    {
        const int most = 200;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var attack = Attacks.Get("random-subscribes").RunAsync(besieged.Server.WebSocketAddress, stop.Token);
        await using var client = await SeedClient.ConnectAsync(besieged.Server.WebSocketAddress, "demo-key");
        for (var i = 0; i < most; i++)
        {
            await client.SendAsync(SeedClient.Subscription("subscribe", RunningServer.NewOrder()));
            await client.ExpectErrorAsync("access_denied", i + 1);
        }

        // Each of the attack's connections has subscribed about as often as this client.
        await stop.CancelAsync();
        await attack;
        var orders = await CountOrderGrainsAsync();
        Assert.True(orders < most, $"{orders} order grains are active");
    }

    [Theory]
    [InlineData("endless-fragments")]
    [InlineData("endless-empty-fragments")]
    [InlineData("ping-flood-reading")]
    [InlineData("ping-flood-unread")]
    [InlineData("errors-unread")]
    [InlineData("wrong-keys")]
    [InlineData("silent-after-handshake")]
    public async Task Attackers_are_disconnected(string name)
    {
        // Each attack ends only when the server ends it.
        var attack = Attacks.Get(name) with { Connections = 5 };
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(60));
        await Task.WhenAll(Enumerable.Range(0, attack.Connections).Select(async _ =>
        {
            var ended = await Record.ExceptionAsync(
                () => attack.OneAsync(besieged.Server.WebSocketAddress, limit.Token));
            Assert.False(limit.IsCancellationRequested, $"{name} still goes on");
            Assert.True(ended is null or IOException or System.Net.Sockets.SocketException, $"{ended}");
        }));
    }

    private async Task<int> CountOrderGrainsAsync() =>
        (await besieged.Service.Grains.GetGrain<IManagementGrain>(0).GetDetailedGrainStatistics())
        .Count(grain => grain.GrainId.Type.ToString() == "order");

    private long Memory()
    {
        using var process = Process.GetProcessById(besieged.Server.ProcessId);
        return process.WorkingSet64;
    }
}
