namespace OrdersActors;

/// <summary>
/// The answer to a published event: where it is stored. When a publisher has it, the event is committed.
/// </summary>
/// <param name="Id">The event's id.</param>
/// <param name="Version">Its number within the order: 1, 2, 3 … without gaps.</param>
/// <param name="Sequence">Its number within the organization: 1, 2, 3 … without gaps.</param>
/// <param name="IsRepeat">
/// Whether the event had already been stored under this id, by an earlier call or by an earlier event of the same call.
/// The numbers are then those of the stored event. Also true if an earlier attempt of this call stored the event and
/// its answer was lost.
/// </param>
[GenerateSerializer, Immutable, Alias("OrdersActors.PublishedEvent")]
public readonly record struct PublishedEvent(
    [property: Id(0)] string Id,
    [property: Id(1)] long Version,
    [property: Id(2)] long Sequence,
    [property: Id(3)] bool IsRepeat);
