using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Streams;

namespace OrdersActors.Publishing;

/// <summary>The publisher over the plain Orleans stream: checks first, then repeats the same call until it is answered.</summary>
internal sealed partial class OrderStatusPublisher(
    [FromKeyedServices(OrderStreams.ProviderName)] IStreamProvider streams,
    IOptions<OrderStatusPublisherOptions> options,
    TimeProvider time,
    ILogger<OrderStatusPublisher> logger) : IOrderStatusPublisher
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    public Task PublishAsync(
        string organizationId, OrderStatusEvent orderStatusEvent, CancellationToken cancellationToken = default)
    {
        OrderEventRules.Check(organizationId, orderStatusEvent);
        return RetryAsync(organizationId, stream => stream.OnNextAsync(orderStatusEvent), cancellationToken);
    }

    public async Task PublishAsync(
        string organizationId, IReadOnlyList<OrderStatusEvent> orderStatusEvents, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(orderStatusEvents);
        foreach (var e in orderStatusEvents)
        {
            OrderEventRules.Check(organizationId, e);
        }

        foreach (var batch in orderStatusEvents.Chunk(OrderEventRules.MaxBatch))
        {
            await RetryAsync(organizationId, stream => stream.OnNextBatchAsync(batch), cancellationToken);
        }
    }

    private async Task RetryAsync(
        string organizationId, Func<IAsyncStream<OrderStatusEvent>, Task> publish, CancellationToken cancellationToken)
    {
        var stream = streams.GetStream<OrderStatusEvent>(OrderStreams.Namespace, organizationId);
        var startedAt = time.GetTimestamp();
        var pause = options.Value.FirstPause;
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                await publish(stream).WaitAsync(cancellationToken);
                return;
            }
            catch (Exception e) when (IsTransient(e))
            {
                var elapsed = time.GetElapsedTime(startedAt);
                if (elapsed + pause > options.Value.RetryFor)
                {
                    throw new PublishFailedException(
                        $"publishing for {organizationId} failed for {elapsed.TotalSeconds:0.#} s: {e.Message}", e);
                }

                LogRetry(e, organizationId, pause);
            }

            await Task.Delay(pause * (0.5 + (Random.Shared.NextDouble() / 2)), time, cancellationToken);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    /// <summary>Whether the same call may succeed later. What the server refused for a reason stays refused.</summary>
    private static bool IsTransient(Exception e) =>
        e is EventLogUnavailableException or OrleansException or TimeoutException or IOException;

    [LoggerMessage(1500, LogLevel.Warning, "Publishing for {OrganizationId} failed; trying again in {Pause} under the same event ids")]
    private partial void LogRetry(Exception exception, string organizationId, TimeSpan pause);
}
