using Microsoft.Extensions.Logging;

namespace OrdersActors.Grains.Feeds;

/// <summary>
/// Passes an organization's events on to the grains of those orders that are watched, and waits until each has them: only then is a batch
/// done, so a silo that dies in between gets the batch delivered again.
/// </summary>
/// <remarks>
/// An order that cannot be reached is tried three times, at most 17 seconds in all (five for each call and the pauses
/// between), and then left behind, so that it cannot hold up its whole organization. It loses nothing: its next event
/// shows the hole, or the renewal of a lease, and it reads the log.
/// </remarks>
internal sealed partial class OrderForwarder(
    string organizationId, WatchedOrders watched, IGrainFactory grains, TimeProvider time, ILogger<OrderForwarder> logger)
{
    private static readonly TimeSpan[] RetryPauses = [TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(2)];

    public Task ForwardAsync(EncodedOrderEvent[] events)
    {
        if (events.Length == 1)
        {
            return watched.Contains(events[0].OrderId) ? ForwardAsync(events[0].OrderId, events) : Task.CompletedTask;
        }

        return Task.WhenAll(events
            .Where(e => watched.Contains(e.OrderId))
            .GroupBy(e => e.OrderId)
            .Select(order => ForwardAsync(order.Key, [.. order])));
    }

    private async Task ForwardAsync(string orderId, EncodedOrderEvent[] events)
    {
        var order = grains.GetGrain<IOrderDelivery>(new FeedKey(organizationId, orderId).GrainKey);
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                await order.Deliver(organizationId, events);
                return;
            }
            catch (Exception e) when (attempt < RetryPauses.Length)
            {
                LogRetry(e, orderId, organizationId);
            }
            catch (Exception e)
            {
                LogLeftBehind(e, orderId, organizationId, events[^1].Version);
                return;
            }

            await Task.Delay(RetryPauses[attempt], time);
        }
    }

    [LoggerMessage(1210, LogLevel.Debug, "Order {OrderId} of {OrganizationId} could not be reached; trying again")]
    private partial void LogRetry(Exception exception, string orderId, string organizationId);

    [LoggerMessage(1211, LogLevel.Warning,
        "Order {OrderId} of {OrganizationId} could not be told of version {Version}; it reads the log at its next event or renewal")]
    private partial void LogLeftBehind(Exception exception, string orderId, string organizationId, long version);
}
