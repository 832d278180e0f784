namespace OrdersActors;

/// <summary>Selects connections. Conditions that are null select all.</summary>
/// <param name="OrganizationId">The organization that the client authenticated for.</param>
/// <param name="OrderId">An order that the client is subscribed to.</param>
/// <param name="Customer">The customer that the client's token names.</param>
[GenerateSerializer, Immutable, Alias("OrdersActors.ConnectionFilter")]
internal sealed record ConnectionFilter(
    [property: Id(0)] string? OrganizationId = null,
    [property: Id(1)] string? OrderId = null,
    [property: Id(2)] string? Customer = null);
