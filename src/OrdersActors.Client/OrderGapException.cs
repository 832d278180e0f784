namespace OrdersActors.Client;

/// <summary>
/// Not all events of a watch can be had, and <see cref="OrdersClientOptions.OnGap"/> is not set. The watch has ended.
/// A new watch that starts at the gap's <see cref="OrderGap.Next"/> gets everything that is kept.
/// </summary>
public sealed class OrderGapException(OrderGap gap) : OrdersClientException(
    HistoryGap, Describe(gap), gap?.OrderId)
{
    /// <summary>The missing part.</summary>
    public OrderGap Gap { get; } = gap;

    private static string Describe(OrderGap? gap)
    {
        ArgumentNullException.ThrowIfNull(gap);
        return gap.IsRewritten
            ? $"the history of events was rewritten after number {gap.From - 1} had been received; it now begins with "
                + $"{gap.Earliest}"
            : $"the events {gap.From} to {gap.Earliest - 1} are no longer kept";
    }
}
