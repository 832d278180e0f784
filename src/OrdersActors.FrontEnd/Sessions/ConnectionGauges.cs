using System.Diagnostics.Metrics;
using OrdersActors.FrontEnd.Feeds;
using OrdersActors.FrontEnd.Protocol;

namespace OrdersActors.FrontEnd.Sessions;

/// <summary>
/// The metrics that are read from the live connections and feeds when somebody collects them, on the meter
/// <see cref="OrderMetrics.MeterName"/>. Reading takes about a millisecond for 50,000 connections.
/// </summary>
internal sealed class ConnectionGauges : IDisposable
{
    private static readonly KeyValuePair<string, object?> WebSocketTag = new("transport", "websocket");
    private static readonly KeyValuePair<string, object?> StreamTag = new("transport", "event_stream");

    private readonly Meter _meter = new(OrderMetrics.MeterName);
    private readonly ConnectionRegistry _registry;

    public ConnectionGauges(ConnectionRegistry registry, FeedHub hub)
    {
        _registry = registry;
        _meter.CreateObservableGauge(
            "orders_actors.feeds", () => hub.Current.Feeds.Count, "{feed}",
            "Feeds of orders and organizations that this front end has registered.");
        _meter.CreateObservableGauge(
            "orders_actors.queued_bytes", ReadQueues, "By",
            "Bytes that wait to be sent to all clients, with their cost in memory. The tag transport: websocket or "
            + "event_stream.");
        _meter.CreateObservableGauge(
            "orders_actors.largest_queue", () => _registry.All.Select(QueueOf).DefaultIfEmpty().Max(), "By",
            "Bytes that wait to be sent to the client with the largest queue.");
        _meter.CreateObservableGauge(
            "orders_actors.connections_unauthenticated", () => _registry.All.Count(c => c.Identity is null),
            "{connection}", "Open connections that have not authenticated.");
    }

    public void Dispose() => _meter.Dispose();

    private static int QueueOf(IClientConnection connection) => connection.QueuedBytes;

    private Measurement<long>[] ReadQueues()
    {
        var (sockets, streams) = (0L, 0L);
        foreach (var connection in _registry.All)
        {
            if (connection is IClientChannel { Encoding: FrameEncoding.ServerSent })
            {
                streams += connection.QueuedBytes;
            }
            else
            {
                sockets += connection.QueuedBytes;
            }
        }

        return [new(sockets, WebSocketTag), new(streams, StreamTag)];
    }
}
