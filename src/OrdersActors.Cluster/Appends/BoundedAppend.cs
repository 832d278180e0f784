using OrdersActors.Storage;

namespace OrdersActors.Cluster.Appends;

/// <summary>Appends with a timeout that ends before the publisher's own timeout.</summary>
internal static class BoundedAppend
{
    /// <summary>
    /// Like <see cref="IEventLog.AppendAsync"/>, with a timeout. Events that have already been sent to the database are
    /// stored nevertheless, and a retry finds them by their ids.
    /// </summary>
    /// <exception cref="EventLogUnavailableException">The timeout expired, or the log cannot store events.</exception>
    public static async Task<PublishedEvent[]> AppendWithinAsync(
        this IEventLog log, TimeSpan timeout, string organizationId, OrderStatusEvent[] events, TimeProvider time)
    {
        using var deadline = new CancellationTokenSource(timeout, time);
        try
        {
            return (await log.AppendAsync(organizationId, events, deadline.Token)).ToPublished();
        }
        catch (OperationCanceledException)
        {
            throw new EventLogUnavailableException(
                "the event log is unavailable: the append's turn did not come in time");
        }
    }
}
