namespace OrdersActors.Faults.Breakages;

/// <summary>Ways to break the server's promise on purpose, so that whoever checks it can show that it would notice.</summary>
internal enum Breakage
{
    None,

    /// <summary>Front ends read nothing when they heal a feed; it takes faults or kills to need healing.</summary>
    Healing,

    /// <summary>Now and then an append is acknowledged and not stored.</summary>
    Acknowledge,

    /// <summary>Now and then a client is sent frames twice.</summary>
    Duplicates,

    /// <summary>Now and then a client is sent another organization's events.</summary>
    Leak,
}
