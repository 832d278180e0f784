using System.ComponentModel.DataAnnotations;

namespace OrdersActors.Grains;

/// <summary>How order and organization grains serve their observers. Section <c>OrdersActors:Grains</c>.</summary>
public sealed class OrderGrainOptions
{
    /// <summary>
    /// How long a front end's registration lasts if it is not renewed; default 150 s, 5 s to 1 h. Front ends renew
    /// after two fifths of it, so two renewals may fail before a feed stops. A shorter lease detects a lost
    /// registration earlier, but each renewal costs one call per feed.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:05", "01:00:00")]
    public TimeSpan ObserverLease { get; set; } = TimeSpan.FromSeconds(150);

    /// <summary>
    /// Most events that wait in a grain for one front end that has not answered the last notification; default 4,096.
    /// At the bound the oldest events are dropped, and the front end reads them from the log when it sees the gap in
    /// the numbers.
    /// </summary>
    [Range(1, 1_000_000)]
    public int MaxPendingPerObserver { get; set; } = 4096;

    /// <summary>
    /// Most bytes that wait in a grain for one front end that has not answered the last notification; default 4 MiB,
    /// 256 KiB to 1 GiB. At the bound the oldest events are dropped, as with <see cref="MaxPendingPerObserver"/>. The
    /// notification in progress may hold up to 1 MiB more.
    /// </summary>
    [Range(256 * 1024, 1024 * 1024 * 1024)]
    public int MaxPendingBytesPerObserver { get; set; } = 4 * 1024 * 1024;

    /// <summary>
    /// Most bytes that wait in an organization's grain for the grains of its orders; default 16 MiB, 1 MiB to 1 GiB. At
    /// the bound, the queue of each order that receives a further event keeps only the newest event. Front ends read
    /// the others from the log.
    /// </summary>
    [Range(1024 * 1024, 1024 * 1024 * 1024)]
    public int MaxPendingBytesForOrders { get; set; } = 16 * 1024 * 1024;
}
