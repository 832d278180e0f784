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
        "Connect messages that failed. The tag reason: the error's code; those with rate_limited were not checked, and "
        + "those with unavailable could not be.");

    private static readonly Counter<long> SlowReaders = Meter.CreateCounter<long>(
        "orders_actors.slow_readers_closed", "{connection}",
        "Connections that the server began to close because the client reads too slowly. They also count in "
        + "orders_actors.connections_closed.");

    private static readonly Counter<long> ClosedByClients = Meter.CreateCounter<long>(
        "orders_actors.connections_left", "{connection}",
        "WebSocket connections that the client ended. The tag status: 1000, 1001, other for another close status, or "
        + "none if the connection ended without a close.");

    private static readonly Counter<long> Connects = Meter.CreateCounter<long>(
        "orders_actors.connects_succeeded", "{connect}",
        "Connect messages that authenticated a connection. The tag proof: key, signature, token.");

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

    /// <summary>Counts a close that the server began.</summary>
    /// <param name="status">The close status.</param>
    /// <param name="isSlow">Whether the reason is that the client reads too slowly.</param>
    public static void CountClosed(int status, bool isSlow)
    {
        Closed.Add(1, new KeyValuePair<string, object?>("status", status));
        if (isSlow)
        {
            SlowReaders.Add(1);
        }
    }

    /// <summary>Counts a connection that the client ended.</summary>
    /// <param name="status">The client's close status; 0 if it sent none.</param>
    public static void CountLeft(int status) => CountLeft(1, status switch
    {
        0 => "none",
        1000 => "1000",
        1001 => "1001",
        _ => "other",
    });

    /// <summary>Counts a successful connect.</summary>
    /// <param name="proof">The proof of the client's identity: key, signature, token.</param>
    public static void CountConnected(string proof) => CountConnected(1, proof);

    public static void CountFailedConnect(string reason) =>
        FailedConnects.Add(1, new KeyValuePair<string, object?>("reason", reason));

    /// <summary>Counts 0 for each known tag; see <see cref="MetricZeros"/>.</summary>
    public static void CountZeros()
    {
        Open.Add(0);
        SlowReaders.Add(0);
        QueuesCut.Add(0);
        ReplaysWaiting.Add(0);
        Array.ForEach(["none", "1000", "1001", "other"], static status => CountLeft(0, status));
        Array.ForEach(["key", "signature", "token"], static proof => CountConnected(0, proof));
        Array.ForEach(
            ["total", "rate", "address", "unauthenticated", "stopping", "organization", "key", "customer"],
            static limit => Refused.Add(0, new KeyValuePair<string, object?>("limit", limit)));
        Array.ForEach(
            [1001, 1002, 1003, 1007, 1008, 1009, 1011, 1012, 1013],
            static status => Closed.Add(0, new KeyValuePair<string, object?>("status", status)));
        Array.ForEach(
            [
                "invalid_api_key", "invalid_signature", "signature_expired", "invalid_token", "token_expired",
                "access_denied", "rate_limited", "unavailable",
            ],
            static reason => FailedConnects.Add(0, new KeyValuePair<string, object?>("reason", reason)));
    }

    private static void CountLeft(int connections, string status) =>
        ClosedByClients.Add(connections, new KeyValuePair<string, object?>("status", status));

    private static void CountConnected(int connects, string proof) =>
        Connects.Add(connects, new KeyValuePair<string, object?>("proof", proof));
}
