using System.ComponentModel.DataAnnotations;

namespace OrdersActors.Storage.Sqlite;

/// <summary>Where and how events and API keys are kept in one SQLite file. Section <c>OrdersActors:Sqlite</c>.</summary>
public sealed class SqliteStorageOptions
{
    /// <summary>The folder of the database; created where it is missing. One server at a time may use it.</summary>
    [Required]
    public string DataDirectory { get; set; } = "";

    /// <summary>
    /// Into how many partitions organizations are spread, 1 to 64; default 4. Each is read by an agent of its own, so one
    /// organization's slow grain holds up only its partition. Fixed when the database is made; a later change is ignored with a warning.
    /// </summary>
    [Range(1, 64)]
    public int PartitionCount { get; set; } = 4;

    /// <summary>
    /// Whether a commit waits until the disk has it; default true. False is faster on slow disks, and a loss of power
    /// (not a crash of the process) can then undo what was acknowledged last.
    /// </summary>
    public bool FullDurability { get; set; } = true;

    /// <summary>Most appends that wait for the writer, 1 to 100,000; default 4,096. At the bound appends wait for room.</summary>
    [Range(1, 100_000)]
    public int MaxQueuedAppends { get; set; } = 4096;

    /// <summary>
    /// How long an append may wait for room in the queue, 0.1 s to 1 min; default 4 s. Then it fails as unavailable. Publishers
    /// wait five seconds for an answer: a longer wait here would store what they have given up and are publishing again.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan QueueTimeout { get; set; } = TimeSpan.FromSeconds(4);

    /// <summary>
    /// Most events in one transaction, 1 to 100,000; default 4,000: some 40 ms of work, which is what an append that comes
    /// just too late waits at most before its own begins.
    /// </summary>
    [Range(1, 100_000)]
    public int MaxGroupCommit { get; set; } = 4000;
}
