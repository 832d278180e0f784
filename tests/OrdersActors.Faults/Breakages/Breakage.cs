namespace OrdersActors.Faults.Breakages;

/// <summary>Ways to break the server's promise on purpose, so that whoever checks it can show that it would notice.</summary>
internal enum Breakage
{
    None,

    /// <summary>Front ends read nothing when an order misses something; it takes faults, cuts or kills to matter.</summary>
    Healing,

    /// <summary>Now and then an append is acknowledged and not stored.</summary>
    Acknowledge,

    /// <summary>Now and then a client is sent events twice.</summary>
    Duplicates,

    /// <summary>Now and then what is sent to a client is lost before its socket.</summary>
    Loss,

    /// <summary>Now and then a client is sent another organization's events.</summary>
    Leak,

    /// <summary>No part of the server sees that history was rewritten; the database has to lose commits for it to matter.</summary>
    Epoch,
}
