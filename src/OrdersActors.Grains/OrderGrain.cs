using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrdersActors.Grains.Feeds;
using OrdersActors.Grains.Observers;
using OrdersActors.Storage;

namespace OrdersActors.Grains;

/// <summary>
/// One order: holds the observers of those who watch it and tells them of its events.
/// </summary>
/// <remarks>
/// Most orders are watched by nobody when an event comes; for them an event costs one call and no look at the log. The
/// log is read when the first observer comes (who owns the order, and which version is the newest) and when a version is missing.
/// Orders are many and short-lived, so an idle grain leaves after two minutes; leases are renewed more often than that.
/// </remarks>
[GrainType("order")]
[CollectionAgeLimit(Minutes = 2)]
internal sealed partial class OrderGrain : Grain, IOrderGrain, IOrderDelivery
{
    private const int PageSize = 500;

    private readonly IEventLog _log;
    private readonly OrderGrainOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<OrderGrain> _logger;
    private ObserverLeases? _observers;
    private long _passedOn;

    public OrderGrain(IEventLog log, IOptions<OrderGrainOptions> options, TimeProvider time, ILogger<OrderGrain> logger)
    {
        _log = log;
        _options = options.Value;
        _time = time;
        _logger = logger;
    }

    private string OrderId => this.GetPrimaryKeyString();

    public async Task<FeedSubscription> Subscribe(string organizationId, IOrderEventObserver observer)
    {
        if (await _log.GetOrderHeadAsync(OrderId) is not { } head || head.OrganizationId != organizationId)
        {
            return FeedSubscription.Denied;
        }

        if (_observers is { Count: > 0 })
        {
            // Either events are on their way here, or they were lost on it. Reading them is right in both cases.
            await HealAsync(head.Version);
        }

        _observers ??= new ObserverLeases(new FeedKey(organizationId, OrderId), _options, _time, _logger);
        _passedOn = Math.Max(_passedOn, head.Version);
        _observers.Renew(observer, head.Version);
        DelayDeactivation(_options.ObserverLease);
        return new FeedSubscription(true, head.Version, _options.ObserverLease);
    }

    public Task Unsubscribe(IOrderEventObserver observer)
    {
        _observers?.Remove(observer);
        return Task.CompletedTask;
    }

    public async Task Deliver(string organizationId, EncodedOrderEvent[] events)
    {
        if (_observers is { Count: > 0 })
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
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) =>
        _observers?.CloseAsync() ?? Task.CompletedTask;

    private async Task HealAsync(long upTo)
    {
        while (_passedOn < upTo)
        {
            var missed = await _log.ReadOrderAsync(OrderId, _passedOn, PageSize);
            if (missed.Count == 0)
            {
                return;
            }

            _observers!.Offer([.. missed.Select(OrderEventJson.Encode)]);
            _passedOn = missed[^1].Version;
        }
    }

    [LoggerMessage(1230, LogLevel.Warning, "Order {OrderId} saw version {Next} after {Last}; reading what is between from the log")]
    private partial void LogHole(string orderId, long last, long next);
}
