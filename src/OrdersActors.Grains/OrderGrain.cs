using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Concurrency;
using OrdersActors.Cluster.Partitions;
using OrdersActors.Cluster.Placement;
using OrdersActors.Grains.Epochs;
using OrdersActors.Grains.Feeds;
using OrdersActors.Grains.Observers;
using OrdersActors.Storage;

namespace OrdersActors.Grains;

/// <summary>
/// One order: holds the order's observers and notifies them of its events.
/// </summary>
/// <remarks>
/// <para>While the order is watched, this grain registers with the organization's grain, which then forwards the
/// order's events. The log is read once after that, when an observer registers or renews, to find whether the order
/// exists and what its newest version is. So an event is either read or forwarded. A gap in the versions is passed on
/// as it is; front ends see it and read the log.</para>
/// <para><b>Reentrant</b>, like <see cref="OrganizationGrain"/> and for the same reason. <see cref="Deliver"/> takes
/// its events in one step without an await. <see cref="Subscribe"/> waits for the log and for the organization's grain.
/// After its last await, it registers the observer and determines the returned number in one step.</para>
/// <para><b>An awaited order</b> (<see cref="SubscribeAhead"/>) has no events yet.</para>
/// Orders are many and short-lived, so an idle grain leaves after two minutes; each registration and renewal delays
/// this by one lease. A grain that was activated for an order that does not exist leaves at once.
/// </remarks>
[GrainType(OrganizationPlacementAttribute.OrderGrainType)]
[CollectionAgeLimit(Minutes = 2)]
[OrganizationPlacement]
[Reentrant]
internal sealed class OrderGrain : Grain, IOrderGrain, IOrderDelivery
{
    private readonly FeedKey _feed;
    private readonly IEventLog _log;
    private readonly OrderGrainOptions _options;
    private readonly FeedHead _head;
    private readonly OrderObservers _observers;
    private readonly HomeSiloAffinity _affinity;

    public OrderGrain(
        IEventLog log, LogEpochs epochs, PartitionMap map, ILocalSiloDetails silo, LocalOrders orders,
        LocalObservers locals, NotificationLanes lanes, IOptions<OrderGrainOptions> options, TimeProvider time,
        ILogger<OrderGrain> logger)
    {
        _feed = FeedKey.OfOrder(this.GetPrimaryKeyString());
        _log = log;
        _options = options.Value;
        _head = new FeedHead(_feed, log, epochs, DiscardNumbers);
        _observers = new OrderObservers(_feed, orders, locals, lanes, _options, time, logger);
        _affinity = new HomeSiloAffinity(_feed.OrganizationId, map, silo, time);
    }

    private string OrderId => _feed.OrderId!;

    public Task<FeedSubscription> Subscribe(string organizationId, IOrderEventObserver observer) =>
        SubscribeAsync(organizationId, observer, mayAwait: false);

    public Task<FeedSubscription> SubscribeAhead(string organizationId, IOrderEventObserver observer) =>
        SubscribeAsync(organizationId, observer, mayAwait: true);

    public Task Unsubscribe(IOrderEventObserver observer)
    {
        _observers.Remove(observer);
        if (_observers.PassedOn == default)
        {
            // Nobody awaits the order's first event any more. A burst of awaited orders leaves no grains behind.
            DeactivateIfUnobserved();
        }

        return Task.CompletedTask;
    }

    public async Task Deliver(string organizationId, EncodedOrderEvent[] events)
    {
        if (await _head.Epoch.AdmitsAsync(events[0].Epoch))
        {
            _observers.Offer(events);
        }

        _affinity.MigrateIfNotHome(this);
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) =>
        _observers.EndAsync();

    private async Task<FeedSubscription> SubscribeAsync(
        string organizationId, IOrderEventObserver observer, bool mayAwait)
    {
        if (organizationId != _feed.OrganizationId)
        {
            return Deny();
        }

        // In this order: an event that the organization received before it began to forward is in the log.
        await GrainFactory.Find<IOrderWatch>(organizationId).Watch(OrderId);
        var (number, epoch) = await ReadHeadAsync();
        if (number is null && !mayAwait)
        {
            return Deny();
        }

        // No await from here on. Events after this number have not been offered to the observer yet.
        var head = _observers.Renew(observer, number ?? 0, epoch);
        DelayDeactivation(_options.ObserverLease);
        _affinity.MigrateIfNotHome(this);
        return new FeedSubscription(true, head, _options.ObserverLease, epoch);
    }

    private Task<(long? Number, string Epoch)> ReadHeadAsync() => _head.ReadAsync(
        async () => (await _log.GetOrderHeadAsync(_feed.OrganizationId, OrderId))?.Version, () => _observers.PassedOn);

    /// <summary>Denies a subscription. An order that does not exist must leave no state in memory.</summary>
    private FeedSubscription Deny()
    {
        DeactivateIfUnobserved();
        return FeedSubscription.Denied;
    }

    private void DeactivateIfUnobserved()
    {
        if (_observers.Count == 0)
        {
            DeactivateOnIdle();
        }
    }

    /// <summary>The log has a new epoch, in which the numbers of this grain have no meaning.</summary>
    private void DiscardNumbers()
    {
        // These are one-way calls. A front end that they do not reach learns of the epoch by its own check.
        _observers.DiscardAsync().Ignore();
    }
}
