using Microsoft.Extensions.DependencyInjection;
using OrdersActors.Publishing;
using OrdersActors.TestServer;

namespace OrdersActors.EndToEndTests.Publishing;

/// <summary>The publisher over HTTP with the real server.</summary>
public sealed class HttpOrderStatusPublisherTests(RunningServer running)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Events_are_stored_once_and_the_same_exceptions_come_as_from_the_other_publisher()
    {
        var shop = await running.NewShopAsync();
        await using var services = Services(running.Server.BaseAddress, shop.Key, shop.Secret);
        var publisher = services.GetRequiredService<IOrderStatusPublisher>();
        var order = RunningServer.NewOrder();
        var paid = new OrderStatusEvent
        {
            OrderId = order,
            Status = "paid",
            Id = "paid-1",
            Details = """{"n": 1.10}""",
        };

        var first = await publisher.PublishAsync(shop.Organization, paid, Cancellation);
        Assert.Equal(new PublishedEvent("paid-1", 1, 1, IsRepeat: false), first);
        Assert.Equal(
            first with { IsRepeat = true }, await publisher.PublishAsync(shop.Organization, paid, Cancellation));

        OrderStatusEvent[] more =
            [.. Enumerable.Range(2, 1500).Select(i => paid with { Id = $"e-{i}", Status = $"s{i}" })];
        var stored = await publisher.PublishAsync(shop.Organization, more, Cancellation);
        Assert.Equal(more.Select(e => e.Id), stored.Select(e => e.Id));
        Assert.Equal(Enumerable.Range(2, 1500).Select(i => (long)i), stored.Select(e => e.Version));

        OrderStatusEvent[] conflicting = [paid with { Id = "new" }, paid with { Status = "refunded" }];
        var e = await Assert.ThrowsAsync<EventConflictException>(
            () => publisher.PublishAsync(shop.Organization, conflicting, Cancellation));
        var same = await Assert.ThrowsAsync<EventConflictException>(
            () => running.Service.Publisher.PublishAsync(shop.Organization, conflicting, Cancellation));
        Assert.Equal(
            (same.Message, same.Index, same.StoredOrderId, same.Field),
            (e.Message, e.Index, e.StoredOrderId, e.Field));
    }

    [Fact]
    public async Task Call_outlasts_a_restart_of_the_server_and_stores_once()
    {
        await using var server = await ServerProcess.StartAsync();
        await using var services = Services(server.BaseAddress, "demo-key", "demo-secret");
        var publisher = services.GetRequiredService<IOrderStatusPublisher>();
        await server.KillAsync();
        var publishing = publisher.PublishAsync(
            "demo", new OrderStatusEvent { OrderId = "o-1", Status = "paid" }, Cancellation);
        await server.StartAgainAsync();
        Assert.Equal(1, (await publishing).Version);
        Assert.Contains("\"version\":2", await server.RunPublishAsync("demo", "o-1", "next"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wrong_secret_and_another_organization_fail_at_once()
    {
        var shop = await running.NewShopAsync();
        var e = new OrderStatusEvent { OrderId = "o-1", Status = "paid" };
        await using var wrong = Services(running.Server.BaseAddress, shop.Key, "wrong");
        var refused = await Assert.ThrowsAsync<PublishFailedException>(() => wrong
            .GetRequiredService<IOrderStatusPublisher>().PublishAsync(shop.Organization, e, Cancellation));
        Assert.Contains("401", refused.Message, StringComparison.Ordinal);
        await using var right = Services(running.Server.BaseAddress, shop.Key, shop.Secret);
        var denied = await Assert.ThrowsAsync<PublishFailedException>(() => right
            .GetRequiredService<IOrderStatusPublisher>().PublishAsync("demo", e, Cancellation));
        Assert.Contains("403", denied.Message, StringComparison.Ordinal);
    }

    private static ServiceProvider Services(Uri server, string key, string secret) => new ServiceCollection()
        .AddLogging()
        .AddOrdersHttpPublisher(server, key, secret, options => options.RetryFor = TimeSpan.FromMinutes(5))
        .BuildServiceProvider();
}
