using Microsoft.Extensions.Logging;
using OrdersActors.Publishing.Hubs;
using Orleans.Streams;

namespace OrdersActors.Publishing;

/// <summary>
/// The publisher over the plain Orleans stream. It validates the events and then retries the same call until it is
/// answered.
/// </summary>
/// <remarks>
/// <para><b>Logs.</b> At most one warning in ten seconds for all calls together; the other retries are logged at
/// Debug.</para>
/// <b>Thread-safe.</b> The calls share only the time of the last warning, which changes atomically.
/// </remarks>
internal sealed partial class OrderStatusPublisher(
    IOrderHub hub, OrderStatusPublisherOptions options, TimeProvider time, ILogger<OrderStatusPublisher> logger)
    : IOrderStatusPublisher
{
    private static readonly TimeSpan LongestRetryDelay = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan WarningInterval = TimeSpan.FromSeconds(10);

    private long _warnedAt = long.MinValue;

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

    private async Task<PublishedEvent[]> RetryAsync(
        string organizationId, OrderStatusEvent[] events, int stored, CancellationToken cancellationToken)
    {
        var startedAt = time.GetTimestamp();
        var backoff = new RetryBackoff(options.FirstPause, LongestRetryDelay, jitter: 0.5);
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Exception problem;
            try
            {
                var streams = await hub.ConnectAsync(
                    options.RetryFor - time.GetElapsedTime(startedAt), cancellationToken);
                var stream = streams.GetStream<OrderStatusEvent>(OrderStreams.Namespace, organizationId);
                var batch = new PublishedBatch(events);
                await stream.OnNextBatchAsync(batch).WaitAsync(cancellationToken);
                return batch.Stored;
            }
            catch (Exception e) when (IsTransient(e))
            {
                problem = e;
            }

            if (time.GetElapsedTime(startedAt) + backoff.Delay > options.RetryFor)
            {
                throw Failed(organizationId, startedAt, stored, problem);
            }

            LogRetry(organizationId, backoff.Delay, problem);
            if (!await WaitAsync(backoff, cancellationToken))
            {
                throw Failed(organizationId, startedAt, stored, problem);
            }
        }
    }

    /// <summary>Waits before a retry. Returns false if the application is stopping.</summary>
    private async Task<bool> WaitAsync(RetryBackoff backoff, CancellationToken cancellationToken)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, hub.Stopping);
        var hasWaited = await backoff.WaitAsync(time, ended.Token);
        cancellationToken.ThrowIfCancellationRequested();
        return hasWaited;
    }

    private PublishFailedException Failed(string organizationId, long startedAt, int stored, Exception problem) =>
        new(
            $"publishing for {organizationId} failed for {time.GetElapsedTime(startedAt).TotalSeconds:0.#} s: "
            + problem.Message + (stored > 0 ? $"; the first {stored} events are stored" : ""),
            problem, stored);

    /// <summary>Returns whether the same call may succeed later. A refusal by the server is permanent.</summary>
    private bool IsTransient(Exception e) =>
        e is EventLogUnavailableException or HubUnavailableException
            or OrleansException or TimeoutException or IOException
        // Orleans throws these if a call meets a client that is stopping.
        || (e is InvalidOperationException or NullReferenceException && hub.Stopping.IsCancellationRequested);

    private void LogRetry(string organizationId, TimeSpan pause, Exception problem)
    {
        var now = time.GetTimestamp();
        var warnedAt = Volatile.Read(ref _warnedAt);
        var isDue = warnedAt == long.MinValue || time.GetElapsedTime(warnedAt, now) >= WarningInterval;
        if (isDue && Interlocked.CompareExchange(ref _warnedAt, now, warnedAt) == warnedAt)
        {
            LogRetry(LogLevel.Warning, null, organizationId, pause, problem.Message);
        }
        else
        {
            LogRetry(LogLevel.Debug, problem, organizationId, pause, problem.Message);
        }
    }

    [LoggerMessage(
        EventId = 1500,
        Message = "Publishing for {OrganizationId} failed: {Problem}. Retrying in {Pause} under the same event ids")]
    private partial void LogRetry(
        LogLevel level, Exception? exception, string organizationId, TimeSpan pause, string problem);
}
