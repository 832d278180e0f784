namespace OrdersActors.Checker.Trouble;

/// <summary>The kinds of faults of servers, of the database and of the network.</summary>
internal enum TroubleKind
{
    /// <summary>A server is killed (SIGKILL). Its supervisor starts it again.</summary>
    Kill,

    /// <summary>A server is frozen for a while (SIGSTOP): it keeps its connections and answers nothing.</summary>
    Stop,

    /// <summary>A server is asked to shut down (SIGTERM), as when its machine is needed for something else.</summary>
    Restart,

    /// <summary>All servers are asked to shut down, one after the other, as when a new version is installed.</summary>
    RollingRestart,

    /// <summary>PostgreSQL is stopped without waiting for its clients, and started again.</summary>
    DatabaseRestart,

    /// <summary>PostgreSQL is killed and started again.</summary>
    DatabaseKill,

    /// <summary>
    /// The database comes back without its last commits, as when a lagging standby is promoted or a backup is restored.
    /// </summary>
    LostCommits,

    /// <summary>A server and the others cannot reach each other. Its clients and PostgreSQL still reach it.</summary>
    NetworkCut,

    /// <summary>All servers of the previous release are replaced by this version, one after the other.</summary>
    Upgrade,

    /// <summary>All servers of this version are replaced by the previous release, one after the other.</summary>
    Rollback,
}
