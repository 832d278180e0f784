using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrdersActors.Grains.Feeds;
using OrdersActors.Grains.Observers;
using OrdersActors.Grains.Placement;
using OrdersActors.Storage;
using OrdersActors.Streaming;

namespace OrdersActors.Grains;

/// <summary>
/// One order: holds the observers of those who watch it and tells them of its events.
/// </summary>
/// <remarks>
/// The organization's grain calls it for as long as it says that it is watched. The log is read when an observer comes or renews (who
/// owns the order, and which version is the newest) and when a version is missing.
/// Orders are many and short-lived, so an idle grain leaves after two minutes; leases are renewed more often than that.
/// </remarks>
[GrainType(TypeName)]
[CollectionAgeLimit(Minutes = 2)]
[OrganizationPlacement]
internal sealed partial class OrderGrain : Grain, IOrderGrain, IOrderDelivery
{
    /// <summary>The grain's type as it is part of its id.</summary>
    public const string TypeName = "order";

    private const int PageSize = 500;

    private readonly FeedKey _feed;
    private readonly IEventLog _log;
    private readonly OrderGrainOptions _options;
    private readonly ILogger<OrderGrain> _logger;
    private readonly ObserverLeases _observers;
    private readonly Residence _residence;
    private long _passedOn;

    public OrderGrain(
        IEventLog log, PartitionMap map, ILocalSiloDetails silo, IOptions<OrderGrainOptions> options, TimeProvider time, ILogger<OrderGrain> logger)
    {
        _feed = FeedKey.OfOrder(this.GetPrimaryKeyString());
        _log = log;
        _options = options.Value;
        _logger = logger;
        _observers = new ObserverLeases(_feed, _options, time, _logger);
        _residence = new Residence(_feed.OrganizationId, map, silo, time);
    }

    private string OrderId => _feed.OrderId!;

    public async Task<FeedSubscription> Subscribe(string organizationId, IOrderEventObserver observer)
    {
        if (organizationId != _feed.OrganizationId || await FindHeadAsync() is not { } head)
        {
            return FeedSubscription.Denied;
        }

        if (!await GrainFactory.GetGrain<IOrderWatch>(organizationId).Watch(OrderId))
        {
            // Events may have passed since the log was read.
            head = await FindHeadAsync() ?? head;
        }

        if (_observers.Count > 0)
        {
            // Either events are on their way here, or they were lost on it. Reading them is right in both cases.
            await HealAsync(head);
        }

        _passedOn = Math.Max(_passedOn, head);
        _observers.Renew(observer, head);
        DelayDeactivation(_options.ObserverLease);
        _residence.MoveIfAway(this);
        return new FeedSubscription(true, head, _options.ObserverLease);
    }

    public Task Unsubscribe(IOrderEventObserver observer)
    {
        _observers.Remove(observer);
        return Task.CompletedTask;
    }

    public async Task Deliver(string organizationId, EncodedOrderEvent[] events)
    {
        if (_observers.Count > 0)
        {
            if (events[0].Version > _passedOn + 1)
            {
                OrderMetrics.CountHole("order");
                LogHole(OrderId, _passedOn, events[0].Version);
                await HealAsync(events[0].Version - 1);
            }
            else if (events[0].Version <= _passedOn)
            {
                OrderMetrics.CountDuplicate("order", events.Count(e => e.Version <= _passedOn));
            }

            // Each lease drops what it has been told already.
            _observers.Offer(events);
        }

        _passedOn = Math.Max(_passedOn, events[^1].Version);
        _residence.MoveIfAway(this);
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) =>
        _observers.CloseAsync();

    /// <summary>The newest version; null where the order does not exist or is another organization's.</summary>
    private async Task<long?> FindHeadAsync() =>
        (await _log.GetOrderHeadAsync(_feed.OrganizationId, OrderId))?.Version;

    private async Task HealAsync(long upTo)
    {
        while (_passedOn < upTo)
        {
            var missed = await _log.ReadOrderAsync(_feed.OrganizationId, OrderId, _passedOn, PageSize);
            if (missed.Count == 0)
            {
                return;
            }

            _observers.Offer([.. missed.Select(OrderEventJson.Encode)]);
            _passedOn = missed[^1].Version;
        }
    }

    [LoggerMessage(1230, LogLevel.Warning, "Order {OrderId} saw version {Next} after {Last}; reading what is between from the log")]
    private partial void LogHole(string orderId, long last, long next);
}
