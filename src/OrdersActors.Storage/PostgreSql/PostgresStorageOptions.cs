using System.ComponentModel.DataAnnotations;

namespace OrdersActors.Storage.PostgreSql;

/// <summary>
/// Settings of the storage of events and API keys in PostgreSQL. Section <c>OrdersActors:Postgres</c>.
/// </summary>
/// <remarks>
/// A silo holds at most <see cref="AppendConnections"/> + <see cref="LiveConnections"/> +
/// <see cref="ReplayConnections"/> + 3 connections (13 by default): one of the three listens, and two are for the API
/// keys. PostgreSQL's own default limit is 100 connections in total.
/// </remarks>
public sealed class PostgresStorageOptions
{
    /// <summary>
    /// Npgsql's connection string, such as <c>Host=db;Database=orders;Username=orders;Password=…</c>. With several
    /// hosts, such as <c>Host=a,b</c>, the current primary is used, also after a promotion. <c>Target Session
    /// Attributes</c> is not needed. The settings below override those in the connection string. It is never logged.
    /// </summary>
    [Required]
    public string ConnectionString { get; set; } = "";

    /// <summary>
    /// The number of partitions that organizations are distributed over, 1 to 64; default 8. One transaction at a time
    /// appends to a partition and one agent reads it, so silos share the work by partition. Fixed when the schema is
    /// created; a later change is ignored with a warning.
    /// </summary>
    [Range(1, 64)]
    public int PartitionCount { get; set; } = 8;

    /// <summary>
    /// Most connections that append at the same time, 1 to 64; default 2. Appends that wait for a connection join one
    /// transaction, whatever their partitions are. A transaction costs as much as about 25 events. So fewer connections
    /// need less CPU time under load. More connections help if commits wait for a slow disk and many partitions are
    /// busy.
    /// </summary>
    [Range(1, 64)]
    public int AppendConnections { get; set; } = 2;

    /// <summary>
    /// Most connections that read live events and checkpoints for this silo's agents, 1 to 64; default 4. They are
    /// separate, so that many reconnecting clients do not delay live events.
    /// </summary>
    [Range(1, 64)]
    public int LiveConnections { get; set; } = 4;

    /// <summary>Most connections for all other reads, mainly replays, 1 to 64; default 4.</summary>
    [Range(1, 64)]
    public int ReplayConnections { get; set; } = 4;

    /// <summary>
    /// Most appends that wait for their turn in one partition, 1 to 100,000; default 1,024. At the bound further
    /// appends wait for room.
    /// </summary>
    [Range(1, 100_000)]
    public int MaxQueuedAppends { get; set; } = 1024;

    /// <summary>
    /// How long an append may wait for room in the queue and for its turn, and how long a read may wait for a
    /// connection, 0.1 s to 1 min; default 4 s. After that the call fails as unavailable and is not sent. Publishers
    /// wait five seconds for an answer and then retry. With a longer timeout the log would store events that their
    /// publishers have given up and are publishing again.
    /// </summary>
    /// <remarks>
    /// So an append succeeds or fails within this timeout plus <see cref="CommandTimeout"/> plus the two seconds
    /// described there, 16 s by default, whatever PostgreSQL does. Only an append that was sent can take longer than
    /// this timeout.
    /// </remarks>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan QueueTimeout { get; set; } = Deadlines.AppendQueue;

    /// <summary>
    /// Most events in one transaction, 1 to 100,000; default 4,000, which take about 50 ms. An append that just misses
    /// a transaction waits at most that long before its own begins.
    /// </summary>
    [Range(1, 100_000)]
    public int MaxGroupCommit { get; set; } = 4000;

    /// <summary>
    /// How long a transaction may wait for the appends of other callers, counted from the beginning of the preceding
    /// transaction, 0 to 100 ms; default 5 ms. Appends that share a transaction cost less CPU and fewer flushes of the
    /// disk. A publisher that is alone and awaits each event does not wait, and 32 appends never wait for more. Zero:
    /// no transaction waits.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:00.100")]
    public TimeSpan GroupInterval { get; set; } = TimeSpan.FromMilliseconds(5);

    /// <summary>
    /// With several hosts: how long each of them may take to accept a connection and to answer whether it is the
    /// primary, 1 s to 1 min in whole seconds; default 5 s. An unresponsive host causes no delay while another host is
    /// the primary. If the primary itself hangs, this is the time until that is noticed. It is never longer than
    /// <see cref="CommandTimeout"/>, which is also the timeout with a single host.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:01:00")]
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long PostgreSQL may take to accept a connection or to answer a command, 1 s to 5 min in whole seconds;
    /// default 10 s. After that the call fails as unavailable, at most two seconds later, whatever PostgreSQL does. An
    /// append has this time for its connection and its commands together. A read may have waited for a connection for
    /// up to <see cref="QueueTimeout"/> before. PostgreSQL is then asked to cancel the command, and the connection is
    /// free after at most the same time again. Closing a server waits for at most five seconds.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00")]
    public TimeSpan CommandTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How often the partitions are polled for events whose notification was lost, 0.1 s to 1 min; default 1 s.
    /// Notifications arrive at once, so this does not add latency. It is the delay of an event if a process or a
    /// connection dies before the notification is delivered. A poll costs one query of a few rows and also checks that
    /// the listening connection is alive.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// The age of a transaction, a prepared transaction or an unused replication slot at which a warning names it, 1 s
    /// to 7 d; default 1 h. While it lasts, PostgreSQL cannot remove old rows, and all queries become slower. Checked
    /// every ten minutes.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "7.00:00:00")]
    public TimeSpan LongTransactionAge { get; set; } = TimeSpan.FromHours(1);

    /// <summary>
    /// The cluster that this silo belongs to; null for a process that only reads or writes events. While a silo of one
    /// cluster uses the log, silos of another cluster are rejected. Otherwise each cluster would deliver every event,
    /// and both would move the same checkpoints.
    /// </summary>
    public string? ClusterId { get; set; }
}
