namespace OrdersActors.Checker.Judging;

/// <summary>What a publisher knows of one of its events.</summary>
/// <param name="Id">The event's id, under which it was also repeated.</param>
/// <param name="Shop">The organization it was published for, by index.</param>
/// <param name="Order">The order it names, by index.</param>
/// <param name="Content">The <see cref="World.ContentHash"/> of what was published.</param>
/// <param name="Publisher">Whose it is. A publisher makes one call after the other.</param>
/// <param name="Counter">The publisher's own number of it.</param>
internal sealed record PublishedEvent(string Id, int Shop, int Order, ulong Content, int Publisher, long Counter)
{
    /// <summary>Whether it breaks a rule on purpose and must be refused, or is in one batch with one that does.</summary>
    public bool IsBad { get; init; }

    /// <summary>When its first call began.</summary>
    public long StartedAt { get; set; }

    /// <summary>When its last call was answered; 0 before.</summary>
    public long SettledAt { get; set; }

    /// <summary>What the publisher was told last.</summary>
    public Outcome Outcome { get; set; } = Outcome.Unknown;
}

/// <summary>What a publisher was told of an event.</summary>
internal enum Outcome
{
    /// <summary>Nothing, or that nobody knows: it may or may not be stored.</summary>
    Unknown,

    /// <summary>It is stored and will reach everyone.</summary>
    Acknowledged,

    /// <summary>It breaks a rule and is not stored.</summary>
    Refused,
}
