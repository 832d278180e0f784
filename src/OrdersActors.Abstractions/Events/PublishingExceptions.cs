namespace OrdersActors;

/// <summary>A published event breaks a rule of <see cref="OrderEventRules"/>. Retrying cannot help.</summary>
[GenerateSerializer, Alias("OrdersActors.InvalidOrderEventException")]
public sealed class InvalidOrderEventException : Exception
{
    /// <summary>Names the field, as it is called in JSON, and what was expected of it.</summary>
    public InvalidOrderEventException(string field, string expected)
        : base($"{field} {expected}") => Field = field;

    /// <summary>The field's JSON name.</summary>
    [Id(0)] public string Field { get; }
}

/// <summary>
/// An event names an order that another organization published first. The batch it came in was not stored.
/// Retrying cannot help.
/// </summary>
[GenerateSerializer, Alias("OrdersActors.OrderOwnershipException")]
public sealed class OrderOwnershipException : Exception
{
    /// <summary>Names the order; never its owner.</summary>
    public OrderOwnershipException(string orderId)
        : base($"order_id '{orderId}' belongs to another organization") => OrderId = orderId;

    /// <summary>The order in question.</summary>
    [Id(0)] public string OrderId { get; }
}

/// <summary>
/// The event log cannot take or give events right now: disk full, database away, queue full, shutting down. Nothing
/// that was not acknowledged may be assumed stored; retrying under the same event id is safe.
/// </summary>
[GenerateSerializer, Alias("OrdersActors.EventLogUnavailableException")]
public sealed class EventLogUnavailableException : Exception
{
    /// <summary>Says what is wrong, for a person.</summary>
    public EventLogUnavailableException(string message)
        : base(message)
    {
    }

    /// <summary>Says what is wrong, for a person, and keeps the cause for the log.</summary>
    public EventLogUnavailableException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
