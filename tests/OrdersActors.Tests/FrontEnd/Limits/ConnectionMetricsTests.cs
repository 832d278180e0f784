using OrdersActors.FrontEnd.Limits;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.FrontEnd.Limits;

public sealed class ConnectionMetricsTests : IDisposable
{
    private readonly MetricReader _metrics = new();

    public void Dispose() => _metrics.Dispose();

    [Theory]
    [InlineData(0, "none")]
    [InlineData(1000, "1000")]
    [InlineData(1001, "1001")]
    [InlineData(3000, "other")]
    [InlineData(4999, "other")]
    public void Statuses_of_clients_have_few_values(int status, string tag)
    {
        ConnectionMetrics.CountLeft(status);
        Assert.Equal(1, _metrics[$"orders_actors.connections_left{{status={tag}}}"]);
    }

    [Fact]
    public void Slow_reader_counts_as_a_close_and_as_a_slow_reader()
    {
        ConnectionMetrics.CountClosed(1013, isSlow: false);
        Assert.Null(_metrics["orders_actors.slow_readers_closed"]);
        ConnectionMetrics.CountClosed(1013, isSlow: true);
        Assert.Equal(1, _metrics["orders_actors.slow_readers_closed"]);
        Assert.Equal(2, _metrics["orders_actors.connections_closed{status=1013}"]);
    }

    [Theory]
    [InlineData("connections")]
    [InlineData("slow_readers_closed")]
    [InlineData("connections_left{status=none}")]
    [InlineData("connects_succeeded{proof=token}")]
    [InlineData("connections_refused{limit=total}")]
    [InlineData("connections_closed{status=1013}")]
    [InlineData("connects_failed{reason=invalid_api_key}")]
    public void Every_counter_exists_with_zero(string name)
    {
        ConnectionMetrics.CountZeros();
        Assert.Equal(0, _metrics[$"orders_actors.{name}"]);
    }
}
