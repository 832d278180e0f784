using OrdersActors.Storage;

namespace OrdersActors.Grains.Log;

/// <summary>Appends that are given up before their publishers give them up.</summary>
internal static class BoundedAppend
{
    /// <summary>As <see cref="IEventLog.AppendAsync"/>, but for some time only. What has been sent is stored all the same, and known by its ids.</summary>
    /// <exception cref="EventLogUnavailableException">The time is over, or the log cannot take events.</exception>
    public static async Task AppendWithinAsync(
        this IEventLog log, TimeSpan patience, string organizationId, OrderStatusEvent[] events, TimeProvider time)
    {
        using var deadline = new CancellationTokenSource(patience, time);
        try
        {
            await log.AppendAsync(organizationId, events, deadline.Token);
        }
        catch (OperationCanceledException)
        {
            throw new EventLogUnavailableException("the event log is unavailable: the append's turn did not come in time");
        }
    }
}
