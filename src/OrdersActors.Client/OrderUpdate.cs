using System.Text.Json;

namespace OrdersActors.Client;

/// <summary>One change of an order's status.</summary>
public sealed record OrderUpdate
{
    /// <summary>The event's id, unique within the organization.</summary>
    public required string Id { get; init; }

    /// <summary>The organization of the order.</summary>
    public required string OrganizationId { get; init; }

    /// <summary>The order that changed.</summary>
    public required string OrderId { get; init; }

    /// <summary>The number within the order: 1, 2, 3 … without gaps.</summary>
    public required long Version { get; init; }

    /// <summary>
    /// The number within the organization, without gaps; null in a watch of one order.
    /// </summary>
    public long? Sequence { get; init; }

    /// <summary>The order's new status, as the publisher wrote it, at most 64 characters.</summary>
    public required string Status { get; init; }

    /// <summary>The time of the change by the publisher's clock, in UTC, to the microsecond.</summary>
    public required DateTimeOffset OccurredAt { get; init; }

    /// <summary>The publisher's own JSON object; null if the event has no details.</summary>
    public JsonElement? Details { get; init; }

    /// <summary>The event's place in its watch. A watch that starts there continues after this event.</summary>
    public EventPosition Position { get; init; }
}
