using System.Diagnostics;
using Microsoft.Extensions.Logging;
using OrdersActors.Publishing.Hubs;
using Orleans.Streams;

namespace OrdersActors.Publishing;

/// <summary>
/// The publisher over the plain Orleans stream. It validates the events and then retries the same call until it is
/// answered.
/// </summary>
internal sealed class OrderStatusPublisher : IOrderStatusPublisher, IDisposable
{
    private readonly IOrderHub _hub;
    private readonly PublishRetry _retry;
    private readonly BatchedPublisher _batches;
    private readonly CombinedCalls _singles;

    public OrderStatusPublisher(
        IOrderHub hub, OrderStatusPublisherOptions options, TimeProvider time, ILogger<OrderStatusPublisher> logger)
    {
        _hub = hub;
        _retry = new PublishRetry(options.RetryFor, options.FirstPause, time, logger, hub.Stopping);
        _batches = new BatchedPublisher(RetryAsync);
        _singles = new CombinedCalls(RetryAsync, options.GroupInterval, time);
    }

    public async Task<PublishedEvent> PublishAsync(
        string organizationId, OrderStatusEvent orderStatusEvent, CancellationToken cancellationToken = default)
    {
        using var span = EventTraces.Begin("publish", ActivityKind.Producer);
        var normal = OrderEventRules.Normalize(organizationId, orderStatusEvent);
        return await _singles.StoreAsync(organizationId, normal, cancellationToken);
    }

    public async Task<IReadOnlyList<PublishedEvent>> PublishAsync(
        string organizationId, IReadOnlyList<OrderStatusEvent> orderStatusEvents,
        CancellationToken cancellationToken = default)
    {
        using var span = EventTraces.Begin("publish", ActivityKind.Producer);
        return await _batches.PublishAsync(organizationId, orderStatusEvents, cancellationToken);
    }

    public void Dispose() => _singles.Dispose();

    private Task<PublishedEvent[]> RetryAsync(
        string organizationId, OrderStatusEvent[] events, int stored, CancellationToken cancellationToken) =>
        _retry.RunAsync(
            organizationId, stored, left => StoreAsync(organizationId, events, left, cancellationToken), IsTransient,
            cancellationToken);

    private async Task<PublishedEvent[]> StoreAsync(
        string organizationId, OrderStatusEvent[] events, TimeSpan left, CancellationToken cancellationToken)
    {
        var streams = await _hub.ConnectAsync(left, cancellationToken);
        var stream = streams.GetStream<OrderStatusEvent>(OrderStreams.Namespace, organizationId);
        var batch = new PublishedBatch(events);
        await stream.OnNextBatchAsync(batch).WaitAsync(cancellationToken);
        return batch.Stored;
    }

    /// <summary>Returns whether the same call may succeed later. A refusal by the server is permanent.</summary>
    private bool IsTransient(Exception e) =>
        e is EventLogUnavailableException or HubUnavailableException
            or OrleansException or TimeoutException or IOException
        // Orleans throws these if a call meets a client that is stopping.
        || (e is InvalidOperationException or NullReferenceException && _hub.Stopping.IsCancellationRequested);
}
