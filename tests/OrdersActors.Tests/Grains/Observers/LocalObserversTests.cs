using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Grains.Observers;

public sealed class LocalObserversTests(OrderCluster cluster) : IClassFixture<OrderCluster>
{
    private readonly LocalRecorder _observer = new();

    [Fact]
    public void Observer_is_found_by_its_reference_until_it_is_removed()
    {
        var locals = new LocalObservers([]);
        var (reference, other) = (NewReference(), NewReference());
        locals.Add(reference, _observer);
        Assert.Same(_observer, locals.Find(reference));
        Assert.Null(locals.Find(other));
        locals.Remove(reference);
        Assert.Null(locals.Find(reference));
    }

    [Fact]
    public void Nothing_is_found_if_outgoing_calls_are_filtered_because_a_filter_must_see_them()
    {
        var locals = new LocalObservers([new NoFilter()]);
        var reference = NewReference();
        locals.Add(reference, _observer);
        Assert.Null(locals.Find(reference));
    }

    [Fact]
    public void Object_that_is_no_reference_is_not_found()
    {
        var locals = new LocalObservers([]);
        var observer = new RecordingObserver();
        locals.Add(observer, _observer);
        Assert.Null(locals.Find(observer));
    }

    private IOrderEventObserver NewReference() =>
        cluster.Grains.CreateObjectReference<IOrderEventObserver>(new RecordingObserver());
}
