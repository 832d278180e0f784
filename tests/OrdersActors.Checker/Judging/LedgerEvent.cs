namespace OrdersActors.Checker.Judging;

/// <summary>One event as its publisher knows it.</summary>
/// <param name="Id">The event's id, also used for retries.</param>
/// <param name="Shop">The organization it was published for, by index.</param>
/// <param name="Order">The order it names, by index.</param>
/// <param name="Content">The <see cref="World.ContentHash"/> of what was published.</param>
/// <param name="Publisher">The publisher, by index. It makes one call after the other.</param>
/// <param name="Counter">The publisher's counter of this event.</param>
internal sealed record LedgerEvent(string Id, int Shop, int Order, ulong Content, int Publisher, long Counter)
{
    /// <summary>
    /// Whether it breaks a rule on purpose and must be refused, or is in the same batch as such an event.
    /// </summary>
    public bool IsBad { get; init; }

    /// <summary>When its first call began.</summary>
    public long StartedAt { get; set; }

    /// <summary>When its last call was answered; 0 before.</summary>
    public long SettledAt { get; set; }

    /// <summary>The outcome that the publisher last received.</summary>
    public Outcome Outcome { get; set; } = Outcome.Unknown;

    /// <summary>The numbers that the publisher received; null without an acknowledgement.</summary>
    public PublishedEvent? Answer { get; set; }
}

/// <summary>The outcome of publishing an event.</summary>
internal enum Outcome
{
    /// <summary>No answer, or an unknown result: the event may or may not be stored.</summary>
    Unknown,

    /// <summary>The event is stored and will reach every client.</summary>
    Acknowledged,

    /// <summary>The event breaks a rule and is not stored.</summary>
    Refused,
}
