namespace OrdersActors;

/// <summary>
/// One change of an order's status. An internal service publishes it on the stream of its organization (see
/// <see cref="OrderStreams"/>). The event log numbers it, which makes it an <see cref="OrderEvent"/>.
/// </summary>
/// <remarks>
/// <see cref="OrderEventRules"/> states the rules for each field. Lengths count Unicode scalar values.
/// </remarks>
[GenerateSerializer, Immutable, Alias("OrdersActors.OrderStatusEvent")]
public sealed record OrderStatusEvent
{
    /// <summary>The order that changed, 1 to 128 characters. Order ids are scoped to their organization.</summary>
    [Id(0)] public required string OrderId { get; init; }

    /// <summary>The new status, in the publisher's own vocabulary. 1 to 64 characters.</summary>
    [Id(1)] public required string Status { get; init; }

    /// <summary>
    /// The idempotency key, unique within the organization, 1 to 128 characters. A publisher that got no answer may
    /// repeat the call: publishing the same order, status and details again under the same id succeeds and stores
    /// nothing. Publishing other content under the same id causes an <see cref="EventConflictException"/>.
    /// </summary>
    [Id(2)] public string Id { get; init; } = NewId();

    /// <summary>The time of the change by the publisher's clock. Stored in UTC, to the microsecond.</summary>
    [Id(3)] public DateTimeOffset OccurredAt { get; init; } = DateTimeOffset.UtcNow;

    /// <summary>
    /// The publisher's own JSON object as text, at most 64 KiB of UTF-8 and 60 levels deep, or null. It is stored and
    /// sent unchanged, except that the white space between its tokens is removed.
    /// </summary>
    [Id(4)] public string? Details { get; init; }

    /// <summary>Makes an id that sorts by time, which keeps the index of ids compact.</summary>
    public static string NewId() => Guid.CreateVersion7().ToString("N");
}
