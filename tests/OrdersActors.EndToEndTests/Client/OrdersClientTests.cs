using System.Collections.Concurrent;
using OrdersActors.Client;
using OrdersActors.EndToEndTests.Protocol;
using OrdersActors.TestServer;

namespace OrdersActors.EndToEndTests.Client;

/// <summary>The .NET client with the real server and a real network.</summary>
public sealed class OrdersClientTests(RunningServer running)
{
    private const int Most = 1000;

    private static readonly TimeSpan WaitTimeout = TimeSpan.FromSeconds(90);

    [Fact]
    public async Task Events_come_once_and_in_order_over_kills_of_the_server()
    {
        await using var server = await ServerProcess.StartAsync();
        await server.PublishAsync("demo", "o-1", "s1");
        await using var client = Connect(server.WebSocketAddress, options => options.ApiSecret = "demo-secret");
        await using var order = new WatchRun(client, "o-1", WatchStart.Beginning);
        await using var all = new WatchRun(client, null, WatchStart.Beginning);
        await ExpectAsync(Numbers(1), () => order.Versions);
        for (var kill = 0; kill < 2; kill++)
        {
            await server.KillAsync();
            await server.StartAgainAsync();
            await server.PublishAsync("demo", "o-1", "during");
            await server.PublishAsync("demo", $"other-{kill}", "during");
        }

        await ExpectAsync(Numbers(3), () => order.Versions);
        await ExpectAsync(Numbers(5), () => all.Numbers);
        Assert.All(order.Seen, update => Assert.Null(update.Sequence));
    }

    [Fact]
    public async Task Organization_and_order_get_each_event_on_one_connection_and_resume_both()
    {
        var shop = await running.NewShopAsync();
        await using var proxy = new SwallowingProxy(running.Address);
        var (own, other) = (RunningServer.NewOrder(), RunningServer.NewOrder());
        await shop.PublishAsync(own);
        await shop.PublishAsync(other);
        await using var client = Connect(proxy.Address, options =>
            (options.ApiKey, options.ApiSecret) = (shop.Key, shop.Secret));
        await using var all = new WatchRun(client, null, WatchStart.Beginning);
        await using var order = new WatchRun(client, own, WatchStart.Beginning);
        await ExpectAsync(Numbers(2), () => all.Numbers);
        for (var round = 0; round < 3; round++)
        {
            proxy.Cut();
            await shop.PublishAsync(own, "missed");
            await shop.PublishAsync(other, "missed");
            await ExpectAsync(Numbers(4 + (2 * round)), () => all.Numbers);
        }

        await ExpectAsync(Numbers(4), () => order.Versions);

        // The organization has delivered the past of this order on the connection.
        await using var late = new WatchRun(client, other, WatchStart.Beginning);
        await ExpectAsync(Numbers(4), () => late.Versions);
        await shop.PublishAsync(other, "live");
        await ExpectAsync(Numbers(5), () => late.Versions);
        await ExpectAsync(Numbers(9), () => all.Numbers);
    }

    [Fact]
    public async Task Thousand_watches_on_one_connection_come_back_after_a_cut()
    {
        var shop = await running.NewShopAsync();
        await using var proxy = new SwallowingProxy(running.Address);
        string[] orders = [.. Enumerable.Range(0, Most).Select(_ => RunningServer.NewOrder())];
        await PublishAsync(shop, orders, "created");
        await using var client = Connect(proxy.Address, options => options.ApiKey = shop.Key);
        WatchRun[] watches = [.. orders.Select(order => new WatchRun(client, order, WatchStart.Current))];
        await EventuallyAsync(() => watches.All(watch => watch.Seen.Count == 1), "the current statuses");
        proxy.Cut();
        await PublishAsync(shop, orders, "packed");
        await EventuallyAsync(() => watches.All(watch => watch.Seen.Count == 2), "what was missed");
        Assert.All(watches, watch => Assert.Equal(["created", "packed"], watch.Seen.Select(update => update.Status)));
        Assert.Equal(2, proxy.Count);
        foreach (var watch in watches)
        {
            await watch.DisposeAsync();
        }
    }

    [Fact]
    public async Task Rewritten_history_is_told_and_everything_kept_comes_again()
    {
        await using var server = await ServerProcess.StartAsync();
        await server.PublishAsync("demo", "o-1", "created");
        await server.StopAsync();
        var database = Path.Combine(server.DataDirectory, "orders.db");
        File.Copy(database, database + ".backup");
        await server.StartAgainAsync();
        await server.PublishAsync("demo", "o-1", "lost");
        var gaps = new ConcurrentQueue<OrderGap>();
        await using var client = Connect(server.WebSocketAddress, options => options.OnGap = (gap, _) =>
        {
            gaps.Enqueue(gap);
            return ValueTask.CompletedTask;
        });
        await using var watch = new WatchRun(client, "o-1", WatchStart.Beginning);
        await ExpectAsync(Numbers(2), () => watch.Versions);
        await server.StopAsync();
        File.Move(database + ".backup", database, overwrite: true);
        await server.StartAgainAsync();
        await server.PublishAsync("demo", "o-1", "paid");
        await ExpectAsync([1, 2, 1, 2], () => watch.Versions);
        var gap = Assert.Single(gaps);
        Assert.Equal((3, 1, true), (gap.From, gap.Earliest, gap.IsRewritten));
        Assert.Equal(["created", "lost", "created", "paid"], watch.Seen.Select(update => update.Status));
    }

    [Fact]
    public async Task Token_is_renewed_on_the_connection_before_it_ends()
    {
        var shop = await running.NewShopAsync();
        await using var proxy = new SwallowingProxy(running.Address);
        var order = RunningServer.NewOrder();
        var asked = 0;
        await using var client = Connect(proxy.Address, options =>
        {
            options.ApiKey = shop.Key;
            options.GetToken = _ => ValueTask.FromResult(TestToken.ForOrders(
                shop.Secret, [order],
                DateTimeOffset.UtcNow.AddSeconds(Interlocked.Increment(ref asked) == 1 ? 6 : 3600)));
        });
        await using var watch = new WatchRun(client, order, WatchStart.Beginning);
        await EventuallyAsync(() => asked == 2, "the renewal");
        await shop.PublishAsync(order, "packed");
        await ExpectAsync(Numbers(1), () => watch.Versions);
        Assert.Null(watch.Failure);
    }

    [Fact]
    public async Task Dead_network_is_noticed_and_left()
    {
        var shop = await running.NewShopAsync();
        await using var proxy = new SwallowingProxy(running.Address);
        var order = RunningServer.NewOrder();
        await shop.PublishAsync(order);
        await using var client = Connect(proxy.Address, options => options.ApiKey = shop.Key);
        await using var watch = new WatchRun(client, order, WatchStart.Beginning);
        await ExpectAsync(Numbers(1), () => watch.Versions);
        proxy.Swallow();
        await shop.PublishAsync(order, "missed");
        await ExpectAsync(Numbers(2), () => watch.Versions);
    }

    [Fact]
    public async Task Slow_reader_gets_everything_and_others_are_not_stalled()
    {
        var shop = await running.NewShopAsync();
        var (slow, fast) = (RunningServer.NewOrder(), RunningServer.NewOrder());
        var details = $$"""{"text":"{{new string('x', 20_000)}}"}""";
        await running.Service.Publisher.PublishAsync(
            shop.Organization,
            [.. Enumerable.Range(0, 100).Select(_ =>
                new OrderStatusEvent { OrderId = slow, Status = "s", Details = details })],
            TestContext.Current.CancellationToken);
        await using var client = Connect(running.Address, options =>
            (options.ApiKey, options.ApiSecret, options.MaxBufferedBytes) = (shop.Key, shop.Secret, 64 * 1024));
        using var permits = new SemaphoreSlim(0);
        await using var reading = new WatchRun(client, slow, WatchStart.Beginning, permits);
        await using var other = new WatchRun(client, fast, WatchStart.Beginning);
        await shop.PublishAsync(fast, "seen");
        await ExpectAsync(Numbers(1), () => other.Versions);
        permits.Release(100);
        await ExpectAsync(Numbers(100), () => reading.Versions);
        Assert.Single(other.Seen);
    }

    [Fact]
    public async Task Denied_order_ends_its_watch_with_the_servers_code()
    {
        var shop = await running.NewShopAsync();
        await using var client = Connect(running.Address, options => options.ApiKey = shop.Key);
        await using var watch = new WatchRun(client, RunningServer.NewOrder(), WatchStart.Current);
        await EventuallyAsync(() => watch.Failure is not null, "the refusal");
        Assert.Equal("access_denied", Assert.IsType<OrdersClientException>(watch.Failure).Code);
        // Without a watch, the client may already have left its connection.
        Assert.NotEqual(OrdersClientState.Closed, client.State);
    }

    [Fact]
    public async Task Wrong_key_stops_the_client()
    {
        await using var client = Connect(running.Address, options => options.ApiKey = "oak_none");
        await using var watch = new WatchRun(client, "o-1", WatchStart.Current);
        await EventuallyAsync(() => watch.Failure is not null, "the end");
        Assert.Equal("invalid_api_key", Assert.IsType<OrdersClientException>(watch.Failure).Code);
        await EventuallyAsync(() => client.State == OrdersClientState.Closed, "the state");
    }

    private static OrdersClient Connect(Uri address, Action<OrdersClientOptions> configure)
    {
        var options = new OrdersClientOptions { Address = address, ApiKey = "demo-key" };
        configure(options);
        return new OrdersClient(options);
    }

    private static Task PublishAsync(Shop shop, IEnumerable<string> orders, string status) =>
        shop.Running.Service.Publisher.PublishAsync(
            shop.Organization, [.. orders.Select(order => new OrderStatusEvent { OrderId = order, Status = status })],
            TestContext.Current.CancellationToken);

    private static IEnumerable<long> Numbers(int count) => Enumerable.Range(1, count).Select(number => (long)number);

    private static Task ExpectAsync(IEnumerable<long> expected, Func<IEnumerable<long>> actual) =>
        EventuallyAsync(
            () => expected.SequenceEqual(actual()), string.Join(' ', expected), () => string.Join(' ', actual()));

    private static async Task EventuallyAsync(Func<bool> condition, string what, Func<string>? actual = null)
    {
        using var timeout = new CancellationTokenSource(WaitTimeout);
        while (!condition())
        {
            Assert.False(timeout.IsCancellationRequested, $"waited in vain for {what}; there is {actual?.Invoke()}");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }
}
