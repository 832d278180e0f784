namespace OrdersActors;

/// <summary>
/// Names a feed: the numbered events of one order (by version) or of one whole organization (by sequence).
/// </summary>
/// <param name="OrganizationId">Whose events. Always the organization that authentication established.</param>
/// <param name="OrderId">The order, or null for the whole organization.</param>
[GenerateSerializer, Immutable, Alias("OrdersActors.FeedKey")]
public readonly record struct FeedKey([property: Id(0)] string OrganizationId, [property: Id(1)] string? OrderId)
{
    /// <summary>Whether this is the feed of a whole organization.</summary>
    public bool IsOrganization => OrderId is null;

    /// <summary>The event's number in this feed.</summary>
    public long NumberOf(EncodedOrderEvent e)
    {
        ArgumentNullException.ThrowIfNull(e);
        return OrderId is null ? e.Sequence : e.Version;
    }

    /// <inheritdoc/>
    public override string ToString() => OrderId is null ? $"organization {OrganizationId}" : $"order {OrderId} of {OrganizationId}";
}
