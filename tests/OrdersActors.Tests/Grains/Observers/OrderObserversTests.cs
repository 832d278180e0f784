using Microsoft.Extensions.Time.Testing;
using OrdersActors.Grains;
using OrdersActors.Grains.Observers;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Grains.Observers;

public sealed class OrderObserversTests : IClassFixture<OrderCluster>
{
    private static readonly FeedKey Order = new("shop", "o");

    private readonly LocalObservers _locals = new([]);
    private readonly LocalOrders _orders;
    private readonly RecordingLogger<OrderObservers> _logger = new();
    private readonly LocalRecorder _local = new();
    private readonly OrderCluster _cluster;
    private readonly IOrderEventObserver _near;
    private readonly OrderObservers _observers;

    public OrderObserversTests(OrderCluster cluster)
    {
        _cluster = cluster;
        _orders = new LocalOrders(_locals);
        _near = Reference();
        _locals.Add(_near, _local);
        _observers = new OrderObservers(
            Order, _orders, _locals, new NotificationLanes(), new OrderGrainOptions(), new FakeTimeProvider(), _logger);
    }

    [Fact]
    public void Events_are_passed_on_directly_while_there_are_observers()
    {
        Assert.False(_orders.TryOffer(Order, Events(1)));
        Assert.Equal(3, Renew(_near, 3));
        Assert.True(_orders.TryOffer(Order, Events(3, 4)));
        Assert.True(_orders.TryOffer(Order, Events(5)));
        Assert.Equal([4L, 5L], _local.Numbers);
        Assert.Equal(5, _observers.PassedOn.Last);
        _observers.Remove(_near);
        Assert.False(_orders.TryOffer(Order, Events(6)));
    }

    [Fact]
    public async Task Observers_in_this_process_and_elsewhere_get_events_of_any_caller_in_order()
    {
        var far = new RecordingObserver();
        Renew(_near, 0);
        Renew(Reference(far), 0);
        for (var number = 1; number <= 200; number += 2)
        {
            Assert.True(_orders.TryOffer(Order, Events(number)));
            var next = number + 1;
            await Task.Run(() => _observers.Offer(Events(next)), TestContext.Current.CancellationToken);
        }

        var all = Enumerable.Range(1, 200).Select(number => (long)number).ToList();
        Assert.Equal(all, _local.Numbers);
        await Eventually.Equal(all, () => far.NumbersOf(Order));
        GC.KeepAlive(far);
    }

    [Fact]
    public void Nothing_is_passed_on_directly_if_grain_calls_are_filtered()
    {
        var filtered = new LocalOrders(new LocalObservers([new NoFilter()]));
        var observers = new OrderObservers(
            Order, filtered, _locals, new NotificationLanes(), new OrderGrainOptions(), new FakeTimeProvider(),
            _logger);
        observers.Renew(_near, 0, FrontEndGrains.Epoch);
        Assert.False(filtered.TryOffer(Order, Events(1)));
    }

    [Fact]
    public void Events_of_another_epoch_are_left_to_the_grain()
    {
        Renew(_near, 0);
        Assert.False(_orders.TryOffer(Order, [FrontEndGrains.Event("o", 1) with { Epoch = "another" }]));
        Assert.Empty(_local.Numbers);
    }

    [Fact]
    public void Later_observer_gets_the_events_after_the_newest_that_was_passed_on()
    {
        Renew(_near, 0);
        _orders.TryOffer(Order, Events(1, 2));
        Assert.Equal(2, Renew(Reference(), 1));
    }

    [Fact]
    public async Task Nothing_is_passed_on_after_the_epoch_or_the_grain_has_ended()
    {
        Renew(_near, 7);
        await _observers.DiscardAsync();
        Assert.Equal(0, _observers.PassedOn.Last);
        Assert.False(_orders.TryOffer(Order, Events(8)));
        Renew(_near, 1);
        Assert.True(_orders.TryOffer(Order, Events(2)));
        await _observers.EndAsync();
        Assert.False(_orders.TryOffer(Order, Events(3)));
        Assert.Throws<InvalidOperationException>(() => Renew(_near, 3));
        Assert.Equal([2L], _local.Numbers);
    }

    private static EncodedOrderEvent[] Events(params long[] numbers) =>
        Array.ConvertAll(numbers, number => FrontEndGrains.Event("o", number));

    private long Renew(IOrderEventObserver observer, long head) =>
        _observers.Renew(observer, head, FrontEndGrains.Epoch);

    private IOrderEventObserver Reference(RecordingObserver? observer = null) =>
        _cluster.Grains.CreateObjectReference<IOrderEventObserver>(observer ?? new RecordingObserver());
}
