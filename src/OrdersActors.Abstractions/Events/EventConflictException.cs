namespace OrdersActors;

/// <summary>
/// An event has the id of an earlier event with another order, status or details. The batch that contains it was not
/// stored. A retry cannot succeed; a different event needs a different id.
/// </summary>
[GenerateSerializer, Alias("OrdersActors.EventConflictException")]
public sealed class EventConflictException : Exception
{
    /// <summary>Names the event's id, its index in the batch, and the difference.</summary>
    /// <param name="eventId">The id that both events have.</param>
    /// <param name="index">The 0-based index of the new event in its batch.</param>
    /// <param name="orderId">The order of the new event.</param>
    /// <param name="storedOrderId">The order of the stored event that already has the id.</param>
    /// <param name="field">The JSON name of the first field that differs: order_id, status or details.</param>
    public EventConflictException(string eventId, int index, string orderId, string storedOrderId, string field)
        : base(Describe(eventId, index, orderId, storedOrderId, field)) =>
        (EventId, Index, OrderId, StoredOrderId, Field) = (eventId, index, orderId, storedOrderId, field);

    /// <summary>The id that both events have.</summary>
    [Id(0)] public string EventId { get; }

    /// <summary>The 0-based index of the new event in its batch.</summary>
    [Id(1)] public int Index { get; }

    /// <summary>The order of the new event.</summary>
    [Id(2)] public string OrderId { get; }

    /// <summary>The order of the stored event that already has the id.</summary>
    [Id(3)] public string StoredOrderId { get; }

    /// <summary>The JSON name of the first field that differs: order_id, status or details.</summary>
    [Id(4)] public string Field { get; }

    private static string Describe(string eventId, int index, string orderId, string storedOrderId, string field) =>
        $"event {index}: id '{eventId}' was used for an event of order '{storedOrderId}' with another {field}; "
        + $"this event is of order '{orderId}'";
}
