using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Concurrency;
using Orleans.Streams;
using Orleans.Streams.Core;
using OrdersActors.Cluster.Partitions;
using OrdersActors.Cluster.Placement;
using OrdersActors.Grains.Epochs;
using OrdersActors.Grains.Feeds;
using OrdersActors.Grains.Observers;
using OrdersActors.Storage;

namespace OrdersActors.Grains;

/// <summary>
/// One organization: receives its events from the stream, encodes each once, and passes them on.
/// </summary>
/// <remarks>
/// <code>
///   stream ──► 1 epoch ──► 2 drop duplicates ──► 3 encode ──► 4 organization observers
///   (batch)                                              └──► 5 the grains of the watched orders
/// </code>
/// <list type="number">
/// <item>A batch of an epoch that has ended is dropped. When the log has a new epoch, the grain discards its numbers
/// and closes its observers, which register again.</item>
/// <item>Events that were passed on before are dropped by their number. A gap in the numbers delays nothing: observers
/// see it and read the log, and <see cref="MissedEvents"/> reads it for the orders.</item>
/// <item>An event's JSON is written here and nowhere else.</item>
/// <item>Observers are notified without waiting for them; each has its own bounded queue.</item>
/// <item>Each order also has its own bounded queue (<see cref="OrderForwarder"/>, which describes what happens if this
/// silo dies meanwhile).</item>
/// </list>
/// <para><b>Reentrant.</b> Live events wait neither for the log nor for a receiver. Steps 2 to 5 run without an await,
/// so no other call interleaves with them. <see cref="Subscribe"/> waits for the log, and other calls may run
/// meanwhile. It keeps only the epoch and the last number across its await, and checks both afterwards. Then it
/// registers the observer and determines the returned number in one step. Two batches can interleave only while one of
/// them waits in step 1 for the decision about its epoch, and that is before its numbers are compared. So
/// <c>_passedOn</c>, the leases and the queues need no lock: they change only in steps without an await.</para>
/// The grain stores nothing. A new activation does not know what the previous one passed on, so it passes on the first
/// batch that the stream delivers. All receivers downstream drop duplicates by number.
/// </remarks>
[GrainType("organization")]
[CollectionAgeLimit(Minutes = 5)]
[OrganizationPlacement]
[ImplicitStreamSubscription(OrderStreams.Namespace)]
[Reentrant]
internal sealed partial class OrganizationGrain
    : Grain, IOrganizationGrain, IOrderWatch, IStreamSubscriptionObserver, IAsyncObserver<OrderEventBatch>
{
    // Most events that are passed on at once.
    private const int PageSize = 500;

    private readonly IEventLog _log;
    private readonly OrderGrainOptions _options;
    private readonly ILogger<OrganizationGrain> _logger;
    private readonly FeedHead _head;
    private readonly ObserverLeases _observers;
    private readonly WatchedOrders _watched;
    private readonly OrderForwarder _orders;
    private readonly MissedEvents _missed;
    private readonly HomeSiloAffinity _affinity;

    // Null until this activation has passed on its first event in this epoch.
    private FeedPosition? _passedOn;

    public OrganizationGrain(
        IEventLog log, LogEpochs epochs, PartitionMap map, ILocalSiloDetails silo, LocalOrders orders,
        LocalObservers locals, NotificationLanes lanes, IOptions<OrderGrainOptions> options, TimeProvider time,
        ILoggerFactory loggers)
    {
        _log = log;
        _options = options.Value;
        _logger = loggers.CreateLogger<OrganizationGrain>();
        var feed = new FeedKey(this.GetPrimaryKeyString(), null);
        _head = new FeedHead(feed, log, epochs, DiscardNumbers);
        _observers = new ObserverLeases(feed, _options, time, _logger, locals, lanes);
        _watched = new WatchedOrders(_options.ObserverLease, time);
        _orders = new OrderForwarder(
            feed.OrganizationId, _watched, orders, _options, GrainFactory, time,
            loggers.CreateLogger<OrderForwarder>());
        _missed = new MissedEvents(
            feed.OrganizationId, log, _watched, _orders, time, loggers.CreateLogger<MissedEvents>());
        _affinity = new HomeSiloAffinity(feed.OrganizationId, map, silo, time);
    }

    private string OrganizationId => this.GetPrimaryKeyString();

    public async Task<FeedSubscription> Subscribe(string organizationId, IOrderEventObserver observer)
    {
        if (organizationId != OrganizationId)
        {
            return FeedSubscription.Denied;
        }

        // The newest number must come from the log, not from the stream: a batch may still be on its way to this grain.
        var (number, epoch) = await _head.ReadAsync(ReadHeadAsync, () => _passedOn ?? default);
        // No await from here on. Events after this number have not been offered to observers yet.
        var head = (_passedOn ?? default).Advance(number!.Value).Last;
        _observers.Renew(observer, head);
        DelayDeactivation(_options.ObserverLease);
        _affinity.MigrateIfNotHome(this);
        return new FeedSubscription(true, head, _options.ObserverLease, epoch);
    }

    public Task Unsubscribe(IOrderEventObserver observer)
    {
        _observers.Remove(observer);
        return Task.CompletedTask;
    }

    public Task<bool> Watch(string orderId)
    {
        // The watched orders are kept in memory only, so a deactivation would lose them.
        DelayDeactivation(_options.ObserverLease);
        return Task.FromResult(_watched.Watch(orderId));
    }

    public Task OnSubscribed(IStreamSubscriptionHandleFactory handleFactory) =>
        handleFactory.Create<OrderEventBatch>().ResumeAsync(this);

    public async Task OnNextAsync(OrderEventBatch item, StreamSequenceToken? token = null)
    {
        var times = new EventTimes(item.CommittedAt, EventStages.Now());
        EventStages.Record(EventStage.Pull, times.CommittedAt, times.PulledAt);
        // Step 1.
        if (await _head.Epoch.AdmitsAsync(item.Events[0].Epoch))
        {
            Take(item.Events, times);
        }
        else
        {
            LogStale(OrganizationId, item.Events[0].Epoch);
        }

        _affinity.MigrateIfNotHome(this);
    }

    public Task OnErrorAsync(Exception ex)
    {
        // The agent gave up on a batch. The next batch shows the gap.
        LogStreamError(ex, OrganizationId);
        return Task.CompletedTask;
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        _missed.Stop();
        await _observers.EndAsync();
        if (reason.ReasonCode != DeactivationReasonCode.ShuttingDown)
        {
            // When a silo stops, front ends see that it is gone and register all feeds again, so draining is
            // unnecessary.
            await _orders.DrainAsync(cancellationToken);
        }
    }

    private async Task<long?> ReadHeadAsync() => (await _log.GetOrganizationHeadAsync(OrganizationId)).Sequence;

    // Steps 2 and 3.
    private void Take(OrderEvent[] events, EventTimes times)
    {
        switch (_passedOn?.Check(events[0].Sequence))
        {
            case NumberCheck.Gap:
                var last = _passedOn.Value.Last;
                OrderMetrics.CountHole("organization");
                LogGap(OrganizationId, last, events[0].Sequence);
                _missed.Forward(last, events[0].Sequence - 1);
                break;
            case NumberCheck.Duplicate:
                var all = events.Length;
                events = [.. events.Where(e => !_passedOn.Value.Includes(e.Sequence))];
                OrderMetrics.CountDuplicate("organization", all - events.Length);
                break;
        }

        for (var first = 0; first < events.Length; first += PageSize)
        {
            var page = new EncodedOrderEvent[Math.Min(PageSize, events.Length - first)];
            for (var i = 0; i < page.Length; i++)
            {
                var e = events[first + i];
                e.Origin.Trace?.Pulled();
                page[i] = OrderEventJson.Encode(e, times.Of(first + i, events.Length, e.Origin));
            }

            PassOn(page);
        }
    }

    // Steps 4 and 5.
    private void PassOn(EncodedOrderEvent[] events)
    {
        _passedOn = new FeedPosition(events[^1].Sequence);
        EventCounts.CountDelivered(EventHop.Organization, events.Length);
        _observers.Offer(events);
        _orders.Forward(events);
    }

    /// <summary>The log has a new epoch, in which the numbers of this grain have no meaning.</summary>
    private void DiscardNumbers()
    {
        LogDiscarded(OrganizationId, _passedOn?.Last ?? 0);
        _passedOn = null;
        _missed.Clear();
        _orders.Clear();
        // These are one-way calls. A front end that they do not reach learns of the epoch by its own check.
        _observers.CloseAsync().Ignore();
    }

    [LoggerMessage(1220, LogLevel.Warning,
        "Organization {OrganizationId} saw sequence {Next} after {Last}. The missing events are read from the log")]
    private partial void LogGap(string organizationId, long last, long next);

    [LoggerMessage(1221, LogLevel.Warning,
        "The stream of organization {OrganizationId} failed to deliver a batch. The missing events are read from the " +
        "log at the next event")]
    private partial void LogStreamError(Exception exception, string organizationId);

    [LoggerMessage(1222, LogLevel.Debug,
        "Dropped a batch of organization {OrganizationId}: its epoch {Epoch} has ended")]
    private partial void LogStale(string organizationId, string? epoch);

    [LoggerMessage(1223, LogLevel.Debug,
        "The event log has a new epoch. Organization {OrganizationId}, which had passed on sequence {Last}, discards " +
        "its numbers and closes its observers")]
    private partial void LogDiscarded(string organizationId, long last);
}
