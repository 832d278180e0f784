namespace OrdersActors.Checker.Judging;

/// <summary>
/// The subscriptions of one client and everything it received, in order. The client writes it; others read it after the
/// client has ended.
/// </summary>
internal sealed class ClientRecord
{
    public required string Name { get; init; }

    /// <summary>Its organization, by index.</summary>
    public required int Shop { get; init; }

    /// <summary>
    /// Whether it names its position when it subscribes. Otherwise each connection begins with the events that come
    /// then.
    /// </summary>
    public required bool Resumes { get; init; }

    /// <summary>Whether it is subscribed to its whole organization.</summary>
    public required bool WholeOrganization { get; init; }

    /// <summary>The single orders it is subscribed to, by index.</summary>
    public required IReadOnlyList<int> Orders { get; init; }

    public List<ConnectionRecord> Connections { get; } = [];

    public List<Receipt> Receipts { get; } = [];
}

/// <summary>One connection of a client.</summary>
internal sealed class ConnectionRecord
{
    /// <summary>1, 2, 3 …</summary>
    public required int Number { get; init; }

    /// <summary>How many events the client had received before it.</summary>
    public required int First { get; init; }

    /// <summary>The server, by index.</summary>
    public int FrontEnd { get; init; }

    /// <summary>When the last of its subscriptions was confirmed; null if that did not happen.</summary>
    public long? ConfirmedAt { get; set; }

    /// <summary>When it ended; null before.</summary>
    public long? EndedAt { get; set; }

    /// <summary>The epoch that its confirmations named; null if none did.</summary>
    public string? Epoch { get; set; }

    /// <summary>The sequence after which the organization was requested.</summary>
    public long OrganizationAfter { get; set; }

    /// <summary>How many events the client had received when the organization was confirmed; null before.</summary>
    public int? OrganizationFrom { get; set; }

    /// <summary>Whether the client stopped reading for a while on purpose.</summary>
    public bool HasStalled { get; set; }

    /// <summary>Whether it was open with all subscriptions confirmed when the run ended.</summary>
    public bool LivedToEnd { get; set; }
}

/// <summary>An event as a client received it.</summary>
/// <param name="Order">The order, by index.</param>
/// <param name="Version">The number in the order.</param>
/// <param name="Sequence">The number in the organization; 0 if it came without one.</param>
/// <param name="Content">The <see cref="World.ContentHash"/> of the event.</param>
internal readonly record struct Receipt(int Order, long Version, long Sequence, ulong Content)
{
    /// <summary>The time of arrival. The verdict does not depend on it.</summary>
    public long ArrivedAt { get; init; }
}
