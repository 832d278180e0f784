namespace OrdersActors.Client;

/// <summary>
/// A place in the numbered events of an order or of the organization. Store it with what the event has changed, and
/// pass it to the next watch to continue after the event.
/// </summary>
/// <param name="Number">
/// The number of an event: its version in a watch of an order, its sequence in a watch of the organization; 0 is before
/// the first event.
/// </param>
/// <param name="Epoch">
/// The history that the number belongs to; null if it is unknown. Without it, a restored backup cannot be noticed.
/// </param>
public readonly record struct EventPosition(long Number, string? Epoch = null);
