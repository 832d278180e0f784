namespace OrdersActors.Storage.Transfer;

/// <summary>An order and its newest number, which is kept longer than the order's events.</summary>
/// <param name="OrderId">The order.</param>
/// <param name="Version">The number of its newest event, kept or not.</param>
public readonly record struct KnownOrder(string OrderId, long Version);
