namespace OrdersActors.Faults.Breakages;

/// <summary>Ways to break the server's guarantee on purpose, to test that a check detects it.</summary>
internal enum Breakage
{
    None,

    /// <summary>
    /// Front ends do not re-read missed events of an order. It has an effect only with faults, cuts or kills.
    /// </summary>
    Healing,

    /// <summary>Sometimes an append is acknowledged but not stored.</summary>
    Acknowledge,

    /// <summary>Sometimes a client receives events twice.</summary>
    Duplicates,

    /// <summary>Sometimes events are lost before they reach the client's socket.</summary>
    Loss,

    /// <summary>Sometimes a client receives another organization's events.</summary>
    Leak,

    /// <summary>
    /// No part of the server detects rewritten history. It has an effect only if the database loses commits.
    /// </summary>
    Epoch,
}
