using System.Diagnostics.Metrics;

namespace OrdersActors.FrontEnd.Limits;

/// <summary>The metrics of connections, on the meter <see cref="OrderMetrics.MeterName"/>.</summary>
internal static class ConnectionMetrics
{
    private static readonly Meter Meter = new(OrderMetrics.MeterName);

    private static readonly UpDownCounter<int> Open = Meter.CreateUpDownCounter<int>(
        "orders_actors.connections", "{connection}",
        "Open WebSocket connections, from before the upgrade to the end.");

    private static readonly Counter<long> Refused = Meter.CreateCounter<long>(
        "orders_actors.connections_refused", "{connection}",
        "Connections that were refused. The tag limit: total, rate, address, unauthenticated, stopping, organization, "
        + "key, customer.");

    private static readonly Counter<long> Closed = Meter.CreateCounter<long>(
        "orders_actors.connections_closed", "{connection}",
        "Connections that the server began to close. The tag status: the close status.");

    private static readonly Counter<long> FailedConnects = Meter.CreateCounter<long>(
        "orders_actors.connects_failed", "{connect}",
        "Connect messages that failed. The tag reason: the error's code; those with rate_limited were not checked.");

    private static readonly Counter<long> QueuesCut = Meter.CreateCounter<long>(
        "orders_actors.queues_cut", "{connection}",
        "Connections that were closed because the queues of all clients together were too large.");

    private static readonly UpDownCounter<int> ReplaysWaiting = Meter.CreateUpDownCounter<int>(
        "orders_actors.replays_waiting", "{page}", "Pages of replays that wait for their turn.");

    public static void CountQueueCut() => QueuesCut.Add(1);

    public static void CountWaitingReplay(int more) => ReplaysWaiting.Add(more);

    public static void CountOpened() => Open.Add(1);

    public static void CountEnded() => Open.Add(-1);

    public static void CountRefused(string limit) => Refused.Add(1, new KeyValuePair<string, object?>("limit", limit));

    public static void CountClosed(int status) => Closed.Add(1, new KeyValuePair<string, object?>("status", status));

    public static void CountFailedConnect(string reason) =>
        FailedConnects.Add(1, new KeyValuePair<string, object?>("reason", reason));
}
