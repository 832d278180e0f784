namespace OrdersActors.Publishing;

/// <summary>Stores a batch of valid events completely or not at all.</summary>
/// <param name="organizationId">The organization.</param>
/// <param name="events">The events, at most <see cref="OrderEventRules.MaxBatch"/>.</param>
/// <param name="stored">The number of events of the caller's list that are stored already.</param>
/// <param name="cancellationToken">Cancels the call.</param>
internal delegate Task<PublishedEvent[]> StoreBatch(
    string organizationId, OrderStatusEvent[] events, int stored, CancellationToken cancellationToken);

/// <summary>
/// Validates all events of a call before the first is sent, and then stores them batch by batch.
/// </summary>
internal sealed class BatchedPublisher(StoreBatch store) : IOrderStatusPublisher
{
    public async Task<PublishedEvent> PublishAsync(
        string organizationId, OrderStatusEvent orderStatusEvent, CancellationToken cancellationToken = default)
    {
        var normal = OrderEventRules.Normalize(organizationId, orderStatusEvent);
        return (await store(organizationId, [normal], 0, cancellationToken))[0];
    }

    public async Task<IReadOnlyList<PublishedEvent>> PublishAsync(
        string organizationId, IReadOnlyList<OrderStatusEvent> orderStatusEvents,
        CancellationToken cancellationToken = default)
    {
        var batches = OrderEventRules.NormalizeAll(organizationId, orderStatusEvents)
            .Chunk(OrderEventRules.MaxBatch).ToArray();
        if (batches is [var only])
        {
            return await store(organizationId, only, 0, cancellationToken);
        }

        var answers = new PublishedEvent[orderStatusEvents.Count];
        var stored = 0;
        foreach (var batch in batches)
        {
            try
            {
                var answer = await store(organizationId, batch, stored, cancellationToken);
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
}
