using Microsoft.Extensions.DependencyInjection;
using Orleans.Streams;
using OrdersActors.Publishing;
using OrdersActors.Publishing.Hubs;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Publishing;

/// <summary>A service with the library, and two silos that may lose their log or their answers.</summary>
public sealed class PublisherClusterTests(FaultyOrderCluster cluster) : IClassFixture<FaultyOrderCluster>
{
    private readonly string _shop = OrderCluster.NewOrganization();

    private IOrderStatusPublisher Publisher =>
        cluster.Cluster.Client.ServiceProvider.GetRequiredService<IOrderStatusPublisher>();

    [Fact]
    public async Task Event_is_in_the_log_when_the_call_returns()
    {
        var answer = await Publisher.PublishAsync(_shop, Event("1", "e-1"), TestContext.Current.CancellationToken);
        Assert.Equal(new PublishedEvent("e-1", 1, 1, IsRepeat: false), answer);
        Assert.Equal(1, (await cluster.Log.FindAsync(_shop, "e-1", TestContext.Current.CancellationToken))!.Version);
    }

    [Fact]
    public async Task Many_events_keep_their_order_and_large_batches_are_split()
    {
        var events = Enumerable.Range(0, 2500).Select(i => Event("1", $"e-{i}")).ToArray();
        await Publisher.PublishAsync(_shop, events, TestContext.Current.CancellationToken);
        Assert.Equal(
            2500, (await cluster.Log.GetOrganizationHeadAsync(_shop, TestContext.Current.CancellationToken)).Sequence);
        Assert.Equal(
            "e-1999",
            (await cluster.Log.ReadOrganizationAsync(_shop, 1999, 1, TestContext.Current.CancellationToken))[0].Id);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Answer_has_the_numbers_of_each_event_and_names_repeats(bool isInsideSilo)
    {
        var publisher = isInsideSilo
            ? ActivatorUtilities.CreateInstance<OrderStatusPublisher>(
                cluster.Cluster.Silos[0].ServiceProvider, SiloHub(), new OrderStatusPublisherOptions())
            : Publisher;
        // Each of the two silos is the home of some of these shops.
        foreach (var shop in Enumerable.Range(0, 10).Select(_ => OrderCluster.NewOrganization()))
        {
            var first = await publisher.PublishAsync(shop, Event("1", "e-1"), TestContext.Current.CancellationToken);
            Assert.Equal(new PublishedEvent("e-1", 1, 1, IsRepeat: false), first);
            var answers = await publisher.PublishAsync(
                shop, [Event("2", "e-2"), Event("1", "e-1"), Event("1", "e-3"), Event("2", "e-2")],
                TestContext.Current.CancellationToken);
            Assert.Equal(
                [
                    new("e-2", 1, 2, IsRepeat: false), new("e-1", 1, 1, IsRepeat: true),
                    new("e-3", 2, 3, IsRepeat: false), new PublishedEvent("e-2", 1, 2, IsRepeat: true),
                ],
                answers);
        }
    }

    [Fact]
    public async Task Plain_stream_works_as_well()
    {
        var stream = cluster.Cluster.Client.GetStreamProvider("orders")
            .GetStream<OrderStatusEvent>("order-status", _shop);
        await stream.OnNextAsync(Event("1", "plain"));
        Assert.NotNull(await cluster.Log.FindAsync(_shop, "plain", TestContext.Current.CancellationToken));
        var other = cluster.Cluster.Client.GetStreamProvider("orders")
            .GetStream<string>("order-status", OrderCluster.NewOrganization());
        Assert.Contains(
            "OrderStatusEvent", (await Assert.ThrowsAsync<ArgumentException>(() => other.OnNextAsync("x"))).Message,
            StringComparison.Ordinal);
        var elsewhere = cluster.Cluster.Client.GetStreamProvider("orders")
            .GetStream<OrderStatusEvent>("elsewhere", _shop);
        await Assert.ThrowsAsync<ArgumentException>(() => elsewhere.OnNextAsync(Event("1", "x")));
    }

    [Fact]
    public async Task Bad_event_is_refused_by_the_call_with_the_name_of_the_field()
    {
        var e = await Assert.ThrowsAsync<InvalidOrderEventException>(() =>
            Publisher.PublishAsync(
                _shop, Event("1", "e") with { Details = "7" }, TestContext.Current.CancellationToken));
        Assert.Equal("details", e.Field);
        Assert.Equal(
            0, (await cluster.Log.GetOrganizationHeadAsync(_shop, TestContext.Current.CancellationToken)).Sequence);
    }

    [Fact]
    public async Task Call_waits_while_the_log_is_unavailable_and_then_succeeds()
    {
        cluster.LogIsAway = true;
        var publishing = Publisher.PublishAsync(_shop, Event("1", "later"), TestContext.Current.CancellationToken);
        await Task.Delay(300, TestContext.Current.CancellationToken);
        Assert.False(publishing.IsCompleted);
        cluster.LogIsAway = false;
        await publishing;
        Assert.Equal(
            1, (await cluster.Log.GetOrganizationHeadAsync(_shop, TestContext.Current.CancellationToken)).Sequence);
    }

    [Fact]
    public async Task Lost_answer_does_not_duplicate_the_event()
    {
        cluster.LoseAnswers = 3;
        await Publisher.PublishAsync(_shop, Event("1", "once"), TestContext.Current.CancellationToken);
        Assert.Equal(0, cluster.LoseAnswers);
        Assert.Equal(
            1, (await cluster.Log.GetOrganizationHeadAsync(_shop, TestContext.Current.CancellationToken)).Sequence);
    }

    [Fact]
    public async Task Id_of_another_event_is_refused_and_not_retried()
    {
        await Publisher.PublishAsync(_shop, Event("1", "taken"), TestContext.Current.CancellationToken);
        var e = await Assert.ThrowsAsync<EventConflictException>(() =>
            Publisher.PublishAsync(_shop, Event("2", "taken"), TestContext.Current.CancellationToken));
        Assert.Equal(("taken", "order_id"), (e.EventId, e.Field));
    }

    private HostedStreams SiloHub() => new(
        cluster.Cluster.Silos[0].ServiceProvider.GetRequiredKeyedService<IStreamProvider>(OrderStreams.ProviderName),
        client: null, contact: null, TimeProvider.System, CancellationToken.None);

    private OrderStatusEvent Event(string order, string id) =>
        new() { OrderId = $"{_shop}/{order}", Status = "s", Id = id };
}
