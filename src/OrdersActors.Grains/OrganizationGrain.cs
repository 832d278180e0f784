using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Concurrency;
using Orleans.Streams;
using Orleans.Streams.Core;
using OrdersActors.Grains.Epochs;
using OrdersActors.Grains.Feeds;
using OrdersActors.Grains.Observers;
using OrdersActors.Grains.Placement;
using OrdersActors.Storage;
using OrdersActors.Streaming;

namespace OrdersActors.Grains;

/// <summary>
/// One organization: takes its events from the stream, encodes each once, and passes them on.
/// </summary>
/// <remarks>
/// <code>
///   stream ──► 1 epoch ──► 2 drop repeats ──► 3 encode ──► 4 organization observers
///   (batch)                                          └───► 5 the orders' grains (those that are watched)
/// </code>
/// <list type="number">
/// <item>A batch of an epoch that has ended is dropped. When the log has a new epoch, the grain forgets its numbers and
/// closes its observers, which register again.</item>
/// <item>Events that were passed on before are dropped by their number. A hole in the numbers holds nothing up:
/// observers see it and read the log, and <see cref="MissedEvents"/> reads it for the orders.</item>
/// <item>An event's JSON is written here and nowhere else.</item>
/// <item>Observers are notified without being waited for; each has a bounded queue of its own.</item>
/// <item>So has each order (<see cref="OrderForwarder"/>, which states what happens if this silo dies
/// meanwhile).</item>
/// </list>
/// <para><b>Reentrant.</b> Live events wait neither for the log nor for a receiver: steps 2 to 5 run without an await,
/// so nothing interleaves with them. <see cref="Subscribe"/> waits for the log, and anything may run meanwhile. It
/// keeps nothing from before its wait but the epoch and the last number, and checks both after it; the registration and
/// the number that it returns are then made in one step. Two batches interleave only while one waits for its epoch to
/// be decided (step 1); that happens before its numbers are compared. The fields are safe for that reason:
/// <c>_passedOn</c>, the leases, and the queues change only in such steps.</para> The grain keeps nothing in storage. A
/// new activation does not know what the one before passed on, so it passes on whatever the stream brings first;
/// everybody downstream drops repeats by number.
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
    private readonly Residence _residence;
    private long? _passedOn;

    public OrganizationGrain(
        IEventLog log, LogEpochs epochs, PartitionMap map, ILocalSiloDetails silo, IOptions<OrderGrainOptions> options,
        TimeProvider time, ILoggerFactory loggers)
    {
        _log = log;
        _options = options.Value;
        _logger = loggers.CreateLogger<OrganizationGrain>();
        var feed = new FeedKey(this.GetPrimaryKeyString(), null);
        _head = new FeedHead(feed, log, epochs, Forget);
        _observers = new ObserverLeases(feed, _options, time, _logger);
        _watched = new WatchedOrders(_options.ObserverLease, time);
        _orders = new OrderForwarder(
            feed.OrganizationId, _watched, _options, GrainFactory, time, loggers.CreateLogger<OrderForwarder>());
        _missed = new MissedEvents(
            feed.OrganizationId, log, _watched, _orders, time, loggers.CreateLogger<MissedEvents>());
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
        var (number, epoch) = await _head.ReadAsync(ReadHeadAsync, () => _passedOn ?? 0);
        // No await from here on. What is past this number has not been offered to observers yet.
        var head = Math.Max(number!.Value, _passedOn ?? 0);
        _observers.Renew(observer, head);
        DelayDeactivation(_options.ObserverLease);
        _residence.MoveIfAway(this);
        return new FeedSubscription(true, head, _options.ObserverLease, epoch);
    }

    public Task Unsubscribe(IOrderEventObserver observer)
    {
        _observers.Remove(observer);
        return Task.CompletedTask;
    }

    public Task<bool> Watch(string orderId)
    {
        // Leaving would forget it.
        DelayDeactivation(_options.ObserverLease);
        return Task.FromResult(_watched.Watch(orderId));
    }

    public Task OnSubscribed(IStreamSubscriptionHandleFactory handleFactory) =>
        handleFactory.Create<OrderEventBatch>().ResumeAsync(this);

    public async Task OnNextAsync(OrderEventBatch item, StreamSequenceToken? token = null)
    {
        // 1.
        if (await _head.Epoch.AdmitsAsync(item.Events[0].Epoch))
        {
            Take(item.Events);
        }
        else
        {
            LogStale(OrganizationId, item.Events[0].Epoch);
        }

        _residence.MoveIfAway(this);
    }

    public Task OnErrorAsync(Exception ex)
    {
        // The agent gave up on a batch. The next one shows the hole.
        LogStreamError(ex, OrganizationId);
        return Task.CompletedTask;
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        _missed.Leave();
        await _observers.CloseAsync();
        if (reason.ReasonCode != DeactivationReasonCode.ShuttingDown)
        {
            // A silo that stops is a silo that has gone: all front ends register all feeds again.
            await _orders.DrainAsync(cancellationToken);
        }
    }

    private async Task<long?> ReadHeadAsync() => (await _log.GetOrganizationHeadAsync(OrganizationId)).Sequence;

    // 2. and 3.
    private void Take(OrderEvent[] events)
    {
        if (_passedOn is { } last)
        {
            if (events[0].Sequence > last + 1)
            {
                OrderMetrics.CountHole("organization");
                LogHole(OrganizationId, last, events[0].Sequence);
                _missed.Forward(last, events[0].Sequence - 1);
            }
            else if (events[0].Sequence <= last)
            {
                var all = events.Length;
                events = [.. events.Where(e => e.Sequence > last)];
                OrderMetrics.CountDuplicate("organization", all - events.Length);
            }
        }

        for (var first = 0; first < events.Length; first += PageSize)
        {
            var page = new EncodedOrderEvent[Math.Min(PageSize, events.Length - first)];
            for (var i = 0; i < page.Length; i++)
            {
                page[i] = OrderEventJson.Encode(events[first + i]);
            }

            PassOn(page);
        }
    }

    // 4. and 5.
    private void PassOn(EncodedOrderEvent[] events)
    {
        _passedOn = events[^1].Sequence;
        _observers.Offer(events);
        _orders.Forward(events);
    }

    /// <summary>The log has a new epoch: no number that is held here means anything in it.</summary>
    private void Forget()
    {
        LogForgotten(OrganizationId, _passedOn ?? 0);
        _passedOn = null;
        _missed.Clear();
        _orders.Clear();
        // One-way calls; front ends that they do not reach learn of the epoch by themselves.
        _observers.CloseAsync().Ignore();
    }

    [LoggerMessage(1220, LogLevel.Warning,
        "Organization {OrganizationId} saw sequence {Next} after {Last}; what is between is read from the log")]
    private partial void LogHole(string organizationId, long last, long next);

    [LoggerMessage(1221, LogLevel.Warning,
        "The stream of organization {OrganizationId} failed to deliver; what is missing is read from the log at the next event")]
    private partial void LogStreamError(Exception exception, string organizationId);

    [LoggerMessage(1222, LogLevel.Debug,
        "A batch of organization {OrganizationId} is of the epoch {Epoch}, which has ended; it is dropped")]
    private partial void LogStale(string organizationId, string? epoch);

    [LoggerMessage(1223, LogLevel.Debug,
        "The event log has a new epoch; organization {OrganizationId} forgets that it has passed on sequence {Last} " +
        "and closes its observers")]
    private partial void LogForgotten(string organizationId, long last);
}
