namespace OrdersActors;

/// <summary>
/// An event whose JSON has been written once, on its way to any number of subscribers. All of them share the bytes, so
/// the bytes must not change.
/// </summary>
/// <param name="OrderId">The order that changed.</param>
/// <param name="Version">The number within the order.</param>
/// <param name="Sequence">The number within the organization. Not part of <paramref name="Json"/>.</param>
/// <param name="Json">
/// The <c>data</c> object that an order subscription delivers, UTF-8. An organization-wide subscription adds
/// <c>sequence</c> to it; see <see cref="OrderEventJson"/>.
/// </param>
/// <param name="Epoch">
/// The epoch of the log when the event was read. Null if a server of a previous version sent the event. Not part of
/// <paramref name="Json"/>.
/// </param>
[GenerateSerializer, Immutable, Alias("OrdersActors.EncodedOrderEvent")]
public sealed record EncodedOrderEvent(
    [property: Id(0)] string OrderId,
    [property: Id(1)] long Version,
    [property: Id(2)] long Sequence,
    [property: Id(3)] byte[] Json,
    [property: Id(4)] string? Epoch = null)
{
    /// <summary>The moments of the event's way; unknown in another process.</summary>
    [field: NonSerialized] internal EventTimes Times { get; set; }
}
