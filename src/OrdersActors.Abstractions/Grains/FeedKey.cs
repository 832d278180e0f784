namespace OrdersActors;

/// <summary>
/// Names a feed: the numbered events of one order (by version) or of one whole organization (by sequence).
/// </summary>
/// <param name="OrganizationId">Whose events. Always the organization that authentication established.</param>
/// <param name="OrderId">The order, or null for the whole organization.</param>
[GenerateSerializer, Immutable, Alias("OrdersActors.FeedKey")]
public readonly record struct FeedKey([property: Id(0)] string OrganizationId, [property: Id(1)] string? OrderId)
{
    /// <summary>
    /// The key of the grain that has this feed: the organization's id, or <c>organization/order</c> with what is special in a URL
    /// escaped in the organization's part, so that no two feeds have the same. The organization is in an order's key so that both
    /// can live on one silo.
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
    /// <exception cref="FormatException">It is not an order's key.</exception>
    public static FeedKey OfOrder(string grainKey)
    {
        ArgumentNullException.ThrowIfNull(grainKey);
        var slash = grainKey.IndexOf('/', StringComparison.Ordinal);
        return slash > 0 && slash + 1 < grainKey.Length
            ? new FeedKey(Uri.UnescapeDataString(grainKey[..slash]), grainKey[(slash + 1)..])
            : throw new FormatException($"'{grainKey}' is not the key of an order's grain");
    }

    /// <inheritdoc/>
    public override string ToString() => OrderId is null ? $"organization {OrganizationId}" : $"order {OrderId} of {OrganizationId}";
}
