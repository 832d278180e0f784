namespace OrdersActors.Checker.Trouble;

/// <summary>What may happen to servers, to what they need, and to what is between them.</summary>
internal enum TroubleKind
{
    /// <summary>A server is killed (SIGKILL), and started again by its supervisor.</summary>
    Kill,

    /// <summary>A server is stopped for a while (SIGSTOP): it keeps its connections and answers nothing.</summary>
    Stop,

    /// <summary>A server is asked to leave (SIGTERM), as when its machine is needed for something else.</summary>
    Restart,

    /// <summary>All servers are asked to leave, one after the other, as when a new version is installed.</summary>
    RollingRestart,

    /// <summary>PostgreSQL is stopped without waiting for its clients, and started again.</summary>
    DatabaseRestart,

    /// <summary>PostgreSQL is killed, and started again.</summary>
    DatabaseKill,

    /// <summary>
    /// The database comes back without its last commits, as when a standby that lagged behind is promoted, or a backup is restored.
    /// </summary>
    LostCommits,

    /// <summary>A server and the others lose sight of each other; its clients and PostgreSQL still reach it.</summary>
    NetworkCut,
}
