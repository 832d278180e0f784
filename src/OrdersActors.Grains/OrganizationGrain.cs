using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrdersActors.Grains.Feeds;
using OrdersActors.Grains.Observers;
using OrdersActors.Grains.Placement;
using OrdersActors.Storage;
using OrdersActors.Streaming;
using Orleans.Streams;
using Orleans.Streams.Core;

namespace OrdersActors.Grains;

/// <summary>
/// One organization: takes its events from the stream, encodes each once, and passes them on.
/// </summary>
/// <remarks>
/// <code>
///   stream ──► 1 drop, heal ──► 2 encode ──► 3 organization observers
///   (batch)        ▲                    └──► 4 the orders' grains ──► 5 done
///                  └ log          (those that are watched)
/// </code>
/// <list type="number">
/// <item>What was passed on before is dropped by its number, and a hole in the numbers is filled from the log.</item>
/// <item>An event's JSON is written here and nowhere else.</item>
/// <item>Observers are told without being waited for; each has a bounded queue of its own.</item>
/// <item>The grains of the orders that are watched are waited for, so that the batch is delivered again if this silo dies meanwhile.</item>
/// <item>Only then does the number move: a repeat of a batch that failed half-way is passed on again.</item>
/// </list>
/// The grain keeps nothing in storage. A new activation does not know what the one before passed on, so it passes on
/// whatever the stream brings first; everybody downstream drops repeats by number.
/// </remarks>
[GrainType("organization")]
[CollectionAgeLimit(Minutes = 5)]
[OrganizationPlacement]
[ImplicitStreamSubscription(OrderStreams.Namespace)]
internal sealed partial class OrganizationGrain
    : Grain, IOrganizationGrain, IOrderWatch, IStreamSubscriptionObserver, IAsyncObserver<OrderEventBatch>
{
    // Also the most events that are passed on to orders at once.
    private const int PageSize = 500;

    private readonly IEventLog _log;
    private readonly OrderGrainOptions _options;
    private readonly ILogger<OrganizationGrain> _logger;
    private readonly ObserverLeases _observers;
    private readonly WatchedOrders _watched;
    private readonly OrderForwarder _orders;
    private readonly Residence _residence;
    private long? _passedOn;

    public OrganizationGrain(
        IEventLog log, PartitionMap map, ILocalSiloDetails silo, IOptions<OrderGrainOptions> options, TimeProvider time, ILoggerFactory loggers)
    {
        _log = log;
        _options = options.Value;
        _logger = loggers.CreateLogger<OrganizationGrain>();
        var feed = new FeedKey(this.GetPrimaryKeyString(), null);
        _observers = new ObserverLeases(feed, _options, time, _logger);
        _watched = new WatchedOrders(_options.ObserverLease, time);
        _orders = new OrderForwarder(feed.OrganizationId, _watched, GrainFactory, time, loggers.CreateLogger<OrderForwarder>());
        _residence = new Residence(feed.OrganizationId, map, silo, time);
    }

    private string OrganizationId => this.GetPrimaryKeyString();

    public async Task<FeedSubscription> Subscribe(string organizationId, IOrderEventObserver observer)
    {
        if (organizationId != OrganizationId)
        {
            return FeedSubscription.Denied;
        }

        // The log and not the stream says what the newest event is: a batch may still be on its way to this grain.
        var head = (await _log.GetOrganizationHeadAsync(OrganizationId)).Sequence;
        if (_observers.Count > 0 && _passedOn < head)
        {
            // Either those events are on their way, or they were lost on it. Reading them is right in both cases.
            await HealAsync(head);
        }

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

    public Task<bool> Watch(string orderId)
    {
        // Leaving would forget it. And it is no moment to move: a batch may be waiting for the very order that calls.
        DelayDeactivation(_options.ObserverLease);
        return Task.FromResult(_watched.Watch(orderId));
    }

    public Task OnSubscribed(IStreamSubscriptionHandleFactory handleFactory) =>
        handleFactory.Create<OrderEventBatch>().ResumeAsync(this);

    public async Task OnNextAsync(OrderEventBatch item, StreamSequenceToken? token = null)
    {
        var events = item.Events;
        if (_passedOn is { } last)
        {
            if (events[0].Sequence > last + 1)
            {
                OrderMetrics.CountHole("organization");
                LogHole(OrganizationId, last, events[0].Sequence);
                await HealAsync(events[0].Sequence - 1);
            }
            else if (events[0].Sequence <= last)
            {
                events = [.. events.Where(e => e.Sequence > last)];
                OrderMetrics.CountDuplicate("organization", item.Events.Length - events.Length);
            }
        }

        foreach (var page in events.Chunk(PageSize))
        {
            await PassOnAsync(page);
        }

        _residence.MoveIfAway(this);
    }

    public Task OnErrorAsync(Exception ex)
    {
        // The agent gave up on a batch. The next one shows the hole.
        LogStreamError(ex, OrganizationId);
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) =>
        _observers.CloseAsync();

    private async Task HealAsync(long upTo)
    {
        while (_passedOn < upTo)
        {
            var missed = await _log.ReadOrganizationAsync(OrganizationId, _passedOn.Value, PageSize);
            if (missed.Count == 0)
            {
                return;
            }

            await PassOnAsync(missed);
        }
    }

    private async Task PassOnAsync(IReadOnlyList<OrderEvent> events)
    {
        var encoded = new EncodedOrderEvent[events.Count];
        for (var i = 0; i < encoded.Length; i++)
        {
            encoded[i] = OrderEventJson.Encode(events[i]);
        }

        _observers.Offer(encoded);
        await _orders.ForwardAsync(encoded);
        _passedOn = encoded[^1].Sequence;
    }

    [LoggerMessage(1220, LogLevel.Warning,
        "Organization {OrganizationId} saw sequence {Next} after {Last}; reading what is between from the log")]
    private partial void LogHole(string organizationId, long last, long next);

    [LoggerMessage(1221, LogLevel.Warning,
        "The stream of organization {OrganizationId} failed to deliver; what is missing is read from the log at the next event")]
    private partial void LogStreamError(Exception exception, string organizationId);
}
