namespace OrdersActors;

/// <summary>What a valid token allows, and until when.</summary>
/// <param name="Orders">The orders that may be watched; empty if <paramref name="IsOrganization"/>.</param>
/// <param name="IsOrganization">Whether the whole organization and each of its orders may be watched.</param>
/// <param name="ExpiresAt">The end of the grant, UTC, to the second.</param>
/// <param name="Subject">The customer that the token names, for logs; null if it names none.</param>
[GenerateSerializer, Immutable, Alias("OrdersActors.TokenGrant")]
public sealed record TokenGrant(
    [property: Id(0)] string[] Orders,
    [property: Id(1)] bool IsOrganization,
    [property: Id(2)] DateTimeOffset ExpiresAt,
    [property: Id(3)] string? Subject = null);
