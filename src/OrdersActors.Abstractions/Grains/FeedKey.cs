namespace OrdersActors;

/// <summary>
/// Names a feed: the numbered events of one order (by version) or of one whole organization (by sequence).
/// </summary>
/// <param name="OrganizationId">The owner of the events: always the authenticated organization.</param>
/// <param name="OrderId">The order, or null for the whole organization.</param>
[GenerateSerializer, Immutable, Alias("OrdersActors.FeedKey")]
public readonly record struct FeedKey([property: Id(0)] string OrganizationId, [property: Id(1)] string? OrderId)
{
    /// <summary>
    /// The key of this feed's grain: the organization's id, or <c>organization/order</c> with URL-reserved characters
    /// of the organization's part escaped. The escaping makes the key unique. An order's key contains the organization
    /// so that the order's grain can be placed on the same silo as the organization's.
    /// </summary>
    public string GrainKey => OrderId is null ? OrganizationId : $"{Uri.EscapeDataString(OrganizationId)}/{OrderId}";

    /// <summary>Whether this is the feed of a whole organization.</summary>
    public bool IsOrganization => OrderId is null;

    /// <summary>The event's number in this feed.</summary>
    public long NumberOf(EncodedOrderEvent e)
    {
        ArgumentNullException.ThrowIfNull(e);
        return OrderId is null ? e.Sequence : e.Version;
    }

    /// <summary>The feed of an order, from the key of its grain.</summary>
    /// <exception cref="FormatException">The text is not the key of an order's grain.</exception>
    public static FeedKey OfOrder(string grainKey)
    {
        ArgumentNullException.ThrowIfNull(grainKey);
        var slash = grainKey.IndexOf('/', StringComparison.Ordinal);
        return slash > 0 && slash + 1 < grainKey.Length
            ? new FeedKey(Uri.UnescapeDataString(grainKey[..slash]), grainKey[(slash + 1)..])
            : throw new FormatException($"'{grainKey}' is not the key of an order's grain");
    }

    /// <inheritdoc/>
    public override string ToString() =>
        OrderId is null ? $"organization {OrganizationId}" : $"order {OrderId} of {OrganizationId}";
}
