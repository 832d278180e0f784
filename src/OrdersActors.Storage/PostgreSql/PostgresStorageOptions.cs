using System.ComponentModel.DataAnnotations;

namespace OrdersActors.Storage.PostgreSql;

/// <summary>Where and how events and API keys are kept in PostgreSQL. Section <c>OrdersActors:Postgres</c>.</summary>
/// <remarks>
/// A silo holds at most <see cref="AppendConnections"/> + <see cref="LiveConnections"/> + <see cref="ReplayConnections"/> + 3
/// connections (15 by default): one more listens for news, and two belong to the API keys. PostgreSQL's own default is 100 for all.
/// </remarks>
public sealed class PostgresStorageOptions
{
    /// <summary>
    /// Npgsql's connection string, as in <c>Host=db;Database=orders;Username=orders;Password=…</c>. With several hosts, as in
    /// <c>Host=a,b</c>, the one that is the primary is used, also after a promotion; <c>Target Session Attributes</c> need not be given.
    /// The settings below win over the same ones in it. Never logged.
    /// </summary>
    [Required]
    public string ConnectionString { get; set; } = "";

    /// <summary>
    /// Into how many partitions organizations are spread, 1 to 64; default 8. A partition is appended to by one transaction
    /// at a time and read by one agent, so it is the unit by which silos share the work. Fixed when the schema is made; a
    /// later change is ignored with a warning.
    /// </summary>
    [Range(1, 64)]
    public int PartitionCount { get; set; } = 8;

    /// <summary>
    /// Most connections that append at the same time, 1 to 64; default 4. More help where commits wait for a slow disk and
    /// many partitions are busy.
    /// </summary>
    [Range(1, 64)]
    public int AppendConnections { get; set; } = 4;

    /// <summary>
    /// Most connections that read live events and checkpoints for this silo's agents, 1 to 64; default 4. They are kept
    /// apart so that a crowd of clients that comes back does not stand in front of live events.
    /// </summary>
    [Range(1, 64)]
    public int LiveConnections { get; set; } = 4;

    /// <summary>Most connections for everything else that reads, replays above all, 1 to 64; default 4.</summary>
    [Range(1, 64)]
    public int ReplayConnections { get; set; } = 4;

    /// <summary>
    /// Most appends that wait for their turn in one partition, 1 to 100,000; default 1,024. At the bound appends wait for room.
    /// </summary>
    [Range(1, 100_000)]
    public int MaxQueuedAppends { get; set; } = 1024;

    /// <summary>
    /// How long an append may wait before it is sent, for room in the queue and for its turn, and a read for a connection, 0.1 s to
    /// 1 min; default 4 s. Then it fails as unavailable, and is not sent any more. Publishers wait five seconds for an answer: a longer
    /// wait here would store what they have given up and are publishing again.
    /// </summary>
    /// <remarks>
    /// So an append succeeds, or fails, within this and <see cref="CommandTimeout"/> and the two seconds told there, 16 s by default,
    /// whatever PostgreSQL does. Only what has been sent takes longer than this.
    /// </remarks>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan QueueTimeout { get; set; } = TimeSpan.FromSeconds(4);

    /// <summary>
    /// Most events in one transaction, 1 to 100,000; default 4,000: some 50 ms of work, which is what an append that comes
    /// just too late waits at most before its own begins.
    /// </summary>
    [Range(1, 100_000)]
    public int MaxGroupCommit { get; set; } = 4000;

    /// <summary>
    /// With several hosts: how long each of them may take to accept a connection and to say whether it is the primary, 1 s to 1 min in whole
    /// seconds; default 5 s. A host that hangs delays nothing while another one is the primary; this is how soon it is noticed that the primary
    /// itself hangs. With one host, and at most, it is <see cref="CommandTimeout"/>.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:01:00")]
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long PostgreSQL may take to accept a connection or to answer a command, 1 s to 5 min in whole seconds; default 10 s. Then the call
    /// fails as unavailable, at most two seconds later whatever PostgreSQL does: an append, whose connection and commands have this time
    /// together, and a read, which may have waited for a connection as long as <see cref="QueueTimeout"/> before. The connection is free
    /// again after as long again at most, in which PostgreSQL is asked to cancel the command. A server that is closed waits five seconds at most.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00")]
    public TimeSpan CommandTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How often the partitions are looked at for news that no notification told of, 0.1 s to 1 min; default 1 s. Notifications
    /// come at once, so this is no latency: it is how much later an event is delivered when its notification is lost, which
    /// takes a process or a connection that dies at that moment. It costs one query of a few rows, and tells whether the
    /// listening connection is still alive.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How old a transaction, a prepared transaction or an unused replication slot may become before a warning names it, 1 s to 7 d;
    /// default 1 h. While it lasts, PostgreSQL cannot remove old rows, and everything becomes slower. Checked every ten minutes.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "7.00:00:00")]
    public TimeSpan LongTransactionAge { get; set; } = TimeSpan.FromHours(1);

    /// <summary>
    /// The cluster that this silo belongs to; null for whatever only reads or writes events. While a silo of one cluster has the log
    /// open, a silo of another one is refused: each cluster would deliver every event, and both would move the same checkpoints.
    /// </summary>
    public string? ClusterId { get; set; }
}
