namespace OrdersActors.Checker.World;

/// <summary>
/// A 64-bit hash of the content of an event. It is the same for the published and the received event, so millions of
/// records can be compared without keeping their texts. FNV-1a: two different events have the same hash once in 10^19.
/// </summary>
internal static class ContentHash
{
    private const ulong Start = 14695981039346656037;
    private const ulong Prime = 1099511628211;

    /// <param name="organizationId">The event's organization.</param>
    /// <param name="orderId">The event's order.</param>
    /// <param name="id">The event's id.</param>
    /// <param name="status">The status.</param>
    /// <param name="occurredAt">When it happened.</param>
    /// <param name="details">The unchanged JSON in UTF-8; empty if the event has no details.</param>
    public static ulong Of(
        string organizationId, string orderId, string id, string status, DateTimeOffset occurredAt,
        ReadOnlySpan<byte> details)
    {
        var hash = Start;
        hash = Add(hash, organizationId);
        hash = Add(hash, orderId);
        hash = Add(hash, id);
        hash = Add(hash, status);
        hash = (hash ^ (ulong)occurredAt.UtcTicks) * Prime;
        foreach (var b in details)
        {
            hash = (hash ^ b) * Prime;
        }

        return hash;
    }

    private static ulong Add(ulong hash, string text)
    {
        foreach (var c in text)
        {
            hash = (hash ^ c) * Prime;
        }

        // Separates "ab" + "c" from "a" + "bc". No text contains this value.
        return (hash ^ 0x10000) * Prime;
    }
}
