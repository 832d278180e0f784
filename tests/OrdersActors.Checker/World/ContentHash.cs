namespace OrdersActors.Checker.World;

/// <summary>
/// 64 bits of everything that a publisher said in an event, the same from what was published as from what was received:
/// millions of records can be compared without keeping their texts. FNV-1a; two different events agree by chance once
/// in 10^19.
/// </summary>
internal static class ContentHash
{
    private const ulong Start = 14695981039346656037;
    private const ulong Prime = 1099511628211;

    /// <param name="organizationId">Whose event.</param>
    /// <param name="orderId">Which order.</param>
    /// <param name="id">The event's id.</param>
    /// <param name="status">The status.</param>
    /// <param name="occurredAt">When it happened.</param>
    /// <param name="details">The JSON as it stands, in UTF-8; empty where there is none.</param>
    public static ulong Of(
        string organizationId, string orderId, string id, string status, DateTimeOffset occurredAt, ReadOnlySpan<byte> details)
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

        // So that "ab" + "c" is not "a" + "bc"; no text contains it.
        return (hash ^ 0x10000) * Prime;
    }
}
