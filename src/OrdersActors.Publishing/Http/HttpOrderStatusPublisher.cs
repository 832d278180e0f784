using System.Diagnostics;

namespace OrdersActors.Publishing.Http;

/// <summary>
/// The publisher over HTTP. It validates the events and then repeats the same request until it is answered.
/// </summary>
/// <remarks>
/// A batch has at most <see cref="OrderEventRules.MaxBatch"/> events and <see cref="EventsBody.MostBytes"/>. If a
/// server accepts less (413), the batch is halved. Thread-safe.
/// </remarks>
internal sealed class HttpOrderStatusPublisher(EventsEndpoint endpoint, PublishRetry retry) : IOrderStatusPublisher
{
    public async Task<PublishedEvent> PublishAsync(
        string organizationId, OrderStatusEvent orderStatusEvent, CancellationToken cancellationToken = default)
    {
        using var span = EventTraces.Begin("publish", ActivityKind.Producer);
        var normal = OrderEventRules.Normalize(organizationId, orderStatusEvent);
        var answers = await StoreAsync(organizationId, new EventBatch([normal], 0, IsAlone: true), cancellationToken);
        return answers[0];
    }

    public async Task<IReadOnlyList<PublishedEvent>> PublishAsync(
        string organizationId, IReadOnlyList<OrderStatusEvent> orderStatusEvents,
        CancellationToken cancellationToken = default)
    {
        using var span = EventTraces.Begin("publish", ActivityKind.Producer);
        var normal = OrderEventRules.NormalizeAll(organizationId, orderStatusEvents);
        var answers = new List<PublishedEvent>(normal.Count);
        var left = new Stack<EventBatch>(EventBatch.Split(organizationId, normal).Reverse());
        while (left.TryPop(out var batch))
        {
            try
            {
                answers.AddRange(await StoreAsync(organizationId, batch, cancellationToken));
            }
            catch (TooLargeException) when (batch.Events.Count > 1)
            {
                var (first, second) = batch.Halve();
                left.Push(second);
                left.Push(first);
            }
        }

        return answers;
    }

    private Task<PublishedEvent[]> StoreAsync(
        string organizationId, EventBatch batch, CancellationToken cancellationToken) =>
        retry.RunAsync(
            organizationId, stored: batch.Start, _ => endpoint.StoreAsync(organizationId, batch, cancellationToken),
            static e => e is ServerBusyException, cancellationToken);
}
