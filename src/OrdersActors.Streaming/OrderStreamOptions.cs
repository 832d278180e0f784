using System.ComponentModel.DataAnnotations;

namespace OrdersActors.Streaming;

/// <summary>How a silo pulls events from the log and hands them to the grains. Section <c>OrdersActors:Streaming</c>.</summary>
public sealed class OrderStreamOptions
{
    /// <summary>
    /// Most events one read of a partition takes, 1 to 10,000; default 1,024. Larger reads cost less an event and let
    /// one organization's burst stand longer in front of another's event.
    /// </summary>
    [Range(1, 10_000)]
    public int ReadLimit { get; set; } = 1024;

    /// <summary>
    /// Most events of a partition held in memory until their grains have taken them; default 16,384. At the bound the
    /// agent stops reading the partition, and the log holds what waits.
    /// </summary>
    [Range(1, 1_000_000)]
    public int CacheSize { get; set; } = 16_384;

    /// <summary>
    /// Most bytes of a partition's events held in memory until their grains have taken them; default 8 MiB, 1 MiB to 1
    /// GiB. At the bound the agent stops reading the partition, and the log holds what waits. One read may go past it,
    /// by about 2 MiB. A silo may hold this much for each partition that it pulls.
    /// </summary>
    [Range(1024 * 1024, 1024 * 1024 * 1024)]
    public int CacheBytes { get; set; } = 8 * 1024 * 1024;

    /// <summary>
    /// How long a read waits for news before it looks after its checkpoint and waits again; default 2 s, 0.05 to 60 s.
    /// News ends the wait at once, so this is not a latency.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:01:00")]
    public TimeSpan LongPoll { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// How often a partition's checkpoint is written while events flow; default 2 s, 0 to 5 min. After a crash the events since the
    /// last checkpoint are delivered again and dropped by their numbers.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:05:00")]
    public TimeSpan CheckpointInterval { get; set; } = TimeSpan.FromSeconds(2);
}
