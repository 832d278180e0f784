namespace OrdersActors;

/// <summary>A published event breaks a rule of <see cref="OrderEventRules"/>. Retrying cannot help.</summary>
[GenerateSerializer, Alias("OrdersActors.InvalidOrderEventException")]
public sealed class InvalidOrderEventException : Exception
{
    /// <summary>Names the field by its JSON name, and the rule that the field breaks.</summary>
    public InvalidOrderEventException(string field, string expected)
        : base($"{field} {expected}") => Field = field;

    /// <summary>Names the field of one event among several.</summary>
    /// <param name="field">The field's JSON name.</param>
    /// <param name="expected">The rule that the field breaks.</param>
    /// <param name="index">The 0-based index of the event in the list that was published.</param>
    public InvalidOrderEventException(string field, string expected, int index)
        : base($"event {index}: {field} {expected}") => (Field, Index) = (field, index);

    /// <summary>The field's JSON name.</summary>
    [Id(0)] public string Field { get; }

    /// <summary>
    /// The 0-based index of the event in the list that was published; null if the event was published alone.
    /// </summary>
    [Id(1)] public int? Index { get; }
}

/// <summary>
/// No longer thrown, because order ids are scoped to their organization. Servers of a previous version may still send
/// it. It meant that another organization had published the order first, and that the batch was not stored.
/// </summary>
[GenerateSerializer, Alias("OrdersActors.OrderOwnershipException")]
public sealed class OrderOwnershipException : Exception
{
    /// <summary>Names the order, never its owner.</summary>
    public OrderOwnershipException(string orderId)
        : base($"order_id '{orderId}' belongs to another organization") => OrderId = orderId;

    /// <summary>The order that belongs to another organization.</summary>
    [Id(0)] public string OrderId { get; }
}

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

/// <summary>
/// The event log cannot store or return events at the moment: the disk is full, the database is unreachable, the queue
/// is full, or the server is shutting down. Callers must not assume that unacknowledged events are stored. A retry
/// under the same event ids is safe.
/// </summary>
[GenerateSerializer, Alias("OrdersActors.EventLogUnavailableException")]
public sealed class EventLogUnavailableException : Exception
{
    /// <summary>Describes the failure for a human reader.</summary>
    public EventLogUnavailableException(string message)
        : base(message)
    {
    }

    /// <summary>Describes the failure for a human reader, and keeps the cause for the log.</summary>
    public EventLogUnavailableException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
