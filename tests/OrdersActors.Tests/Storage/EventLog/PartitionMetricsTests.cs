using Microsoft.Extensions.Time.Testing;
using OrdersActors.Storage.EventLog;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Storage.EventLog;

public sealed class PartitionMetricsTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Partitions_with_a_known_checkpoint_are_reported_until_the_log_is_closed()
    {
        PartitionSignal[] signals = [new(0, _time), new(10, _time), new(0, _time)];
        using var metrics = new PartitionMetrics(signals);
        using var reader = new MetricReader(metrics.Meter);
        signals[1].NotifyDelivered(4);
        signals[2].NotifyDelivered(0);
        signals[2].NotifyCommitted(2);
        _time.Advance(TimeSpan.FromSeconds(3));
        signals[2].NotifyCommitted(5);
        Assert.Null(reader["orders_actors.partition_lag{partition=0}"]);
        Assert.Equal(6, reader["orders_actors.partition_lag{partition=1}"]);
        Assert.Equal(5, reader["orders_actors.partition_lag{partition=2}"]);
        Assert.Equal(5, reader["orders_actors.partition_position{partition=2}"]);
        Assert.Equal(3, reader["orders_actors.partition_lag_age{partition=2}"]);
        signals[2].NotifyDelivered(5);
        Assert.Equal(0, reader["orders_actors.partition_lag_age{partition=2}"]);
        signals[2].Reset();
        Assert.Null(signals[2].ReadState());
    }
}
