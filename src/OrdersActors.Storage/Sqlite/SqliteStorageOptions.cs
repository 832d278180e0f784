using System.ComponentModel.DataAnnotations;

namespace OrdersActors.Storage.Sqlite;

/// <summary>
/// Settings of the storage of events and API keys in one SQLite file. Section <c>OrdersActors:Sqlite</c>.
/// </summary>
public sealed class SqliteStorageOptions
{
    /// <summary>The folder of the database; created if it is missing. Only one server at a time may use it.</summary>
    [Required]
    public string DataDirectory { get; set; } = "";

    /// <summary>
    /// The number of partitions that organizations are distributed over, 1 to 64; default 4. Each partition has its own
    /// agent, so one organization's slow grain delays only its partition. Fixed when the database is created; a later
    /// change is ignored with a warning.
    /// </summary>
    [Range(1, 64)]
    public int PartitionCount { get; set; } = 4;

    /// <summary>
    /// Whether a commit waits until it is on disk; default true. False is faster on slow disks, but a power failure
    /// (not a crash of the process) can then lose the last acknowledged events.
    /// </summary>
    public bool FullDurability { get; set; } = true;

    /// <summary>
    /// Most appends that wait for the writer, 1 to 100,000; default 4,096. At the bound further appends wait for room.
    /// </summary>
    [Range(1, 100_000)]
    public int MaxQueuedAppends { get; set; } = 4096;

    /// <summary>
    /// How long an append may wait for room in the queue, 0.1 s to 1 min; default 4 s. After that it fails as
    /// unavailable. Publishers wait five seconds for an answer and then retry. With a longer timeout the log would
    /// store events that their publishers have given up and are publishing again.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan QueueTimeout { get; set; } = Deadlines.AppendQueue;

    /// <summary>
    /// Most events in one transaction, 1 to 100,000; default 4,000, which take about 40 ms. An append that just misses
    /// a transaction waits at most that long before its own begins.
    /// </summary>
    [Range(1, 100_000)]
    public int MaxGroupCommit { get; set; } = 4000;

    /// <summary>
    /// How long a transaction may wait for the appends of other callers, counted from the beginning of the preceding
    /// transaction, 0 to 100 ms; default 2 ms. Appends that share a transaction cost less CPU and fewer flushes of the
    /// disk. A publisher that is alone and awaits each event does not wait. Zero: no transaction waits.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:00.100")]
    public TimeSpan GroupInterval { get; set; } = TimeSpan.FromMilliseconds(2);
}
