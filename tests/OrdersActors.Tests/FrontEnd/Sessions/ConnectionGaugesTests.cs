using Microsoft.Extensions.Time.Testing;
using OrdersActors.FrontEnd.Sessions;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.FrontEnd.Sessions;

public sealed class ConnectionGaugesTests : IDisposable
{
    private readonly ConnectionParts _parts = new(new FakeTimeProvider());

    public void Dispose() => _parts.Dispose();

    [Fact]
    public void Queues_and_connections_are_read_when_somebody_collects_them()
    {
        using var metrics = new MetricReader();
        using var gauges = new ConnectionGauges(_parts.Registry, _parts.Hub);
        Assert.Equal(0, metrics["orders_actors.queued_bytes{transport=websocket}"]);
        Assert.Equal(0, metrics["orders_actors.largest_queue"]);
        var (fast, slow) = (Add(), Add());
        slow.Send(new byte[1000]);
        slow.Send(new byte[1000]);
        fast.Send(new byte[100]);
        Assert.InRange(slow.QueuedBytes, 2000, 5000);
        Assert.Equal(
            fast.QueuedBytes + slow.QueuedBytes, metrics["orders_actors.queued_bytes{transport=websocket}"]);
        Assert.Equal(slow.QueuedBytes, metrics["orders_actors.largest_queue"]);
        Assert.Equal(0, metrics["orders_actors.queued_bytes{transport=event_stream}"]);
        Assert.Equal(2, metrics["orders_actors.connections_unauthenticated"]);
        Assert.Equal(0, metrics["orders_actors.feeds"]);
    }

    [Fact]
    public void Instruments_end_with_the_front_end()
    {
        using var metrics = new MetricReader();
        new ConnectionGauges(_parts.Registry, _parts.Hub).Dispose();
        Assert.Null(metrics["orders_actors.feeds"]);
    }

    // The client reads nothing.
    private Connection Add()
    {
        var connection = _parts.Create(
            new TestSocket { Reading = new TaskCompletionSource().Task }, () => { });
        _parts.Registry.Add(connection);
        return connection;
    }
}
