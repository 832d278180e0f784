namespace OrdersActors;

/// <summary>An event as the log stores it: the published content and its two numbers.</summary>
[GenerateSerializer, Immutable, Alias("OrdersActors.OrderEvent")]
public sealed record OrderEvent
{
    /// <summary>The organization that the event belongs to.</summary>
    [Id(0)] public required string OrganizationId { get; init; }

    /// <summary>The order that changed.</summary>
    [Id(1)] public required string OrderId { get; init; }

    /// <summary>The number within the order: 1, 2, 3 … without gaps.</summary>
    [Id(2)] public required long Version { get; init; }

    /// <summary>The number within the organization: 1, 2, 3 … without gaps.</summary>
    [Id(3)] public required long Sequence { get; init; }

    /// <summary>The idempotency key of the publication.</summary>
    [Id(4)] public required string Id { get; init; }

    /// <summary>The order's new status.</summary>
    [Id(5)] public required string Status { get; init; }

    /// <summary>The time of the change by the publisher's clock, in UTC, to the microsecond.</summary>
    [Id(6)] public required DateTimeOffset OccurredAt { get; init; }

    /// <summary>The publisher's JSON object as it was sent, or null.</summary>
    [Id(7)] public string? Details { get; init; }

    /// <summary>
    /// The epoch of the log when the event was read. Numbers are comparable only within one epoch. Null if a server of
    /// a previous version sent the event.
    /// </summary>
    [Id(8)] public string? Epoch { get; init; }

    /// <summary>
    /// The origin of a live event. It is not a part of the event: it is neither stored, sent nor compared.
    /// </summary>
    [field: NonSerialized] internal EventOrigin Origin { get; set; }
}
