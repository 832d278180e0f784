using System.ComponentModel.DataAnnotations;

namespace OrdersActors.Streaming;

/// <summary>
/// How a silo pulls events from the log and delivers them to the grains. Section <c>OrdersActors:Streaming</c>.
/// </summary>
public sealed class OrderStreamOptions
{
    /// <summary>
    /// Most events that one read of a partition returns, 1 to 10,000; default 1,024. Larger reads cost less per event.
    /// But one organization's burst then delays another organization's event for longer.
    /// </summary>
    [Range(1, 10_000)]
    public int ReadLimit { get; set; } = 1024;

    /// <summary>
    /// Most events of a partition held in memory until their grains have taken them; default 16,384. At the bound the
    /// agent stops reading the partition, and the events wait in the log.
    /// </summary>
    [Range(1, 1_000_000)]
    public int CacheSize { get; set; } = 16_384;

    /// <summary>
    /// Most bytes of a partition's events held in memory until their grains have taken them; default 8 MiB, 1 MiB to 1
    /// GiB. At the bound the agent stops reading the partition, and the events wait in the log. One read may exceed the
    /// bound by about 2 MiB. A silo may hold this much for each partition that it pulls.
    /// </summary>
    [Range(1024 * 1024, 1024 * 1024 * 1024)]
    public int CacheBytes { get; set; } = 8 * 1024 * 1024;

    /// <summary>
    /// How long a read waits for new events before it saves its checkpoint and waits again; default 2 s, 0.05 to 60 s.
    /// New events end the wait at once, so this does not add latency.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:01:00")]
    public TimeSpan LongPoll { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// How often a partition's checkpoint is written while events flow; default 2 s, 0 to 5 min. After a crash, events
    /// since the last checkpoint are delivered again and dropped by their numbers.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:05:00")]
    public TimeSpan CheckpointInterval { get; set; } = TimeSpan.FromSeconds(2);
}
