using Microsoft.Extensions.Logging;
using OrdersActors.Publishing.Hubs;
using Orleans.Streams;

namespace OrdersActors.Publishing;

/// <summary>
/// The publisher over the plain Orleans stream. It validates the events and then retries the same call until it is
/// answered.
/// </summary>
internal sealed class OrderStatusPublisher(
    IOrderHub hub, OrderStatusPublisherOptions options, TimeProvider time, ILogger<OrderStatusPublisher> logger)
    : IOrderStatusPublisher
{
    private readonly PublishRetry _retry = new(options.RetryFor, options.FirstPause, time, logger, hub.Stopping);

    public async Task<PublishedEvent> PublishAsync(
        string organizationId, OrderStatusEvent orderStatusEvent, CancellationToken cancellationToken = default)
    {
        var normal = OrderEventRules.Normalize(organizationId, orderStatusEvent);
        return (await RetryAsync(organizationId, [normal], stored: 0, cancellationToken))[0];
    }

    public async Task<IReadOnlyList<PublishedEvent>> PublishAsync(
        string organizationId, IReadOnlyList<OrderStatusEvent> orderStatusEvents,
        CancellationToken cancellationToken = default)
    {
        var batches = OrderEventRules.NormalizeAll(organizationId, orderStatusEvents)
            .Chunk(OrderEventRules.MaxBatch).ToArray();
        if (batches is [var only])
        {
            return await RetryAsync(organizationId, only, stored: 0, cancellationToken);
        }

        var answers = new PublishedEvent[orderStatusEvents.Count];
        var stored = 0;
        foreach (var batch in batches)
        {
            try
            {
                var answer = await RetryAsync(organizationId, batch, stored, cancellationToken);
                answer.CopyTo(answers, stored);
            }
            catch (EventConflictException e) when (stored > 0)
            {
                // The log's index counts within the batch; the caller needs the index in its list.
                throw new EventConflictException(e.EventId, stored + e.Index, e.OrderId, e.StoredOrderId, e.Field);
            }

            stored += batch.Length;
        }

        return answers;
    }

    private Task<PublishedEvent[]> RetryAsync(
        string organizationId, OrderStatusEvent[] events, int stored, CancellationToken cancellationToken) =>
        _retry.RunAsync(
            organizationId, stored, left => StoreAsync(organizationId, events, left, cancellationToken), IsTransient,
            cancellationToken);

    private async Task<PublishedEvent[]> StoreAsync(
        string organizationId, OrderStatusEvent[] events, TimeSpan left, CancellationToken cancellationToken)
    {
        var streams = await hub.ConnectAsync(left, cancellationToken);
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
        || (e is InvalidOperationException or NullReferenceException && hub.Stopping.IsCancellationRequested);
}
