namespace OrdersActors;

/// <summary>One event as its publisher wrote it. Its fields have their types, but were not checked otherwise.</summary>
/// <param name="OrganizationId">The organization that the text names; null if it names none.</param>
/// <param name="Event">The event. A field that is missing is empty, and breaks its rule.</param>
/// <param name="HasId">
/// Whether the text has an id. If false, the id was generated for this call, so a repeated call stores the event twice.
/// </param>
internal readonly record struct EventInput(string? OrganizationId, OrderStatusEvent Event, bool HasId);
