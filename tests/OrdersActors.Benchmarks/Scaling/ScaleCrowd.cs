using System.Collections.Concurrent;
using System.Globalization;
using OrdersActors.TestServer;

namespace OrdersActors.Benchmarks.Scaling;

/// <summary>The organizations, publishers and subscribers of a <see cref="ScaleBenchmark"/>.</summary>
internal sealed class ScaleCrowd : IAsyncDisposable
{
    private const int Publishers = 2;

    private readonly ServerCluster _cluster;
    private readonly int _orders;
    private readonly string _secret;
    private readonly PublishingService[] _services;
    private readonly ScaleShop[] _shops;
    private readonly CancellationTokenSource _end = new();
    private readonly ConcurrentBag<FrameReader> _subscribers = [];
    private readonly ConcurrentBag<Task> _reading = [];
    private int _connected;

    private ScaleCrowd(
        ServerCluster cluster, int organizations, int orders, int batch, string secret, PublishingService[] services)
    {
        (_cluster, _orders, _secret, _services) = (cluster, orders, secret, services);
        _shops = [.. Enumerable.Range(0, organizations).Select(
            i => new ScaleShop(Name(i), services[i % services.Length].Publisher, batch))];
    }

    /// <summary>The open connections.</summary>
    public int Connections => _subscribers.Count;

    /// <summary>The events that all subscribers have received so far.</summary>
    public long Delivered => _shops.Sum(shop => shop.Delivered);

    /// <summary>Creates a key for each organization, and the first event of each order.</summary>
    public static async Task<ScaleCrowd> CreateAsync(ServerCluster cluster, int organizations, int orders, int batch)
    {
        // Each command takes a second. So one key is copied; the secrets are those of the first one.
        var (first, secret) = await cluster.Servers[0].CreateKeyAsync("first");
        await cluster.Postgres.SqlAsync("orders", string.Create(CultureInfo.InvariantCulture, $"""
            INSERT INTO orders_actors.api_keys (key, organization, protected_secret, created_at)
            SELECT 'key-of-shop-' || i, 'shop-' || i, protected_secret, created_at
            FROM orders_actors.api_keys, generate_series(0, {organizations - 1}) AS i WHERE key = '{first}'
            """));
        var services = await Task.WhenAll(
            Enumerable.Range(0, Publishers).Select(_ => cluster.ConnectPublisherAsync()));
        var crowd = new ScaleCrowd(cluster, organizations, orders, batch, secret, services);
        await Task.WhenAll(crowd._shops.Select((shop, i) => shop.CreateOrdersAsync(
            Enumerable.Range(0, orders).Where(order => order % organizations == i).Select(OrderName))));
        return crowd;
    }

    /// <summary>Connects a subscriber of each organization. They are spread over the servers.</summary>
    public Task ConnectOrganizationsAsync() => Task.WhenAll(_shops.Select(async (shop, i) =>
    {
        var signature = SeedClient.Sign(KeyOf(i), _secret);
        var address = _cluster.Servers[i % _cluster.Servers.Count].WebSocketAddress;
        await StartReadingAsync(shop, await FrameReader.ConnectAsync(address, KeyOf(i), signature), null, "sequence");
    }));

    /// <summary>
    /// Connects the next subscribers of orders, spread over the servers. Returns their number, which is smaller than
    /// <paramref name="count"/> if no more orders are left.
    /// </summary>
    public async Task<int> ConnectOrdersAsync(int count, int parallel)
    {
        var first = _connected;
        _connected = (int)Math.Min(_orders, (long)first + count);
        await System.Threading.Tasks.Parallel.ForEachAsync(
            Enumerable.Range(first, _connected - first), new ParallelOptions { MaxDegreeOfParallelism = parallel },
            async (order, _) =>
            {
                var organization = order % _shops.Length;
                // Not order % servers: then the subscribers of an organization would share a server.
                var server = _cluster.Servers[order / _shops.Length % _cluster.Servers.Count];
                var subscriber = await FrameReader.ConnectAsync(server.WebSocketAddress, KeyOf(organization));
                await StartReadingAsync(_shops[organization], subscriber, OrderName(order), "version");
            });
        for (var order = first; order < _connected; order++)
        {
            _shops[order % _shops.Length].Add(OrderName(order));
        }

        return _connected - first;
    }

    /// <summary>
    /// Publishes for this time. Meanwhile runs <paramref name="meanwhile"/>, which must take less time. Returns when
    /// all events have arrived.
    /// </summary>
    public async Task PublishAsync(TimeSpan duration, Func<Task> meanwhile)
    {
        using var stop = new CancellationTokenSource(duration);
        var publishing = _shops.Select(shop => shop.PublishAsync(stop.Token)).ToArray();
        await meanwhile();
        var all = Task.WhenAll(publishing);
        await all.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var failed in _reading.Where(reading => reading.IsCompleted))
        {
            // The reason why the publishers waited in vain.
            await failed;
        }

        await all;
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        foreach (var subscriber in _subscribers)
        {
            await subscriber.DisposeAsync();
        }

        await Task.WhenAll(_reading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.WhenAll(_services.Select(service => service.DisposeAsync().AsTask()));
        _end.Dispose();
    }

    private async Task StartReadingAsync(ScaleShop shop, FrameReader subscriber, string? order, string number)
    {
        _subscribers.Add(subscriber);
        await subscriber.SubscribeAsync(order);
        _reading.Add(shop.ReadAsync(subscriber, number, _end.Token));
    }

    private static string Name(int organization) => string.Create(CultureInfo.InvariantCulture, $"shop-{organization}");

    private static string KeyOf(int organization) => $"key-of-{Name(organization)}";

    private static string OrderName(int order) => string.Create(CultureInfo.InvariantCulture, $"order-{order}");
}
