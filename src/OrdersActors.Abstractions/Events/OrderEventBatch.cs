namespace OrdersActors;

/// <summary>
/// Consecutive events of one organization, in <see cref="OrderEvent.Sequence"/> order. The stream delivers a batch to
/// the organization's grain in one call. Never empty.
/// </summary>
[GenerateSerializer, Immutable, Alias("OrdersActors.OrderEventBatch")]
public sealed record OrderEventBatch([property: Id(0)] OrderEvent[] Events)
{
    /// <summary>
    /// When the first event was committed, as <see cref="EventStages"/> takes it; 0 if unknown, as in another process.
    /// </summary>
    [field: NonSerialized] internal long CommittedAt { get; set; }
}
