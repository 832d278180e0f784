using System.Diagnostics.Metrics;
using System.Globalization;

namespace OrdersActors.Storage.EventLog;

/// <summary>
/// The metrics of a log's partitions, on the meter <see cref="OrderMetrics.MeterName"/>. Each value has a tag
/// <c>partition</c>; a log has at most 64.
/// </summary>
internal sealed class PartitionMetrics : IDisposable
{
    private readonly PartitionSignal[] _signals;
    private readonly KeyValuePair<string, object?>[] _tags;

    public PartitionMetrics(PartitionSignal[] signals)
    {
        _signals = signals;
        _tags =
        [
            .. Enumerable.Range(0, signals.Length).Select(partition => new KeyValuePair<string, object?>(
                "partition", partition.ToString(CultureInfo.InvariantCulture))),
        ];
        Meter.CreateObservableGauge(
            "orders_actors.partition_position", () => Read(static state => state.Position), "{event}",
            "The position of a partition's newest event, as this server knows it.");
        Meter.CreateObservableGauge(
            "orders_actors.partition_lag", () => Read(static state => state.Lag), "{event}",
            "Positions of a partition after its checkpoint. The checkpoint follows the delivery by a few seconds.");
        Meter.CreateObservableGauge(
            "orders_actors.partition_lag_age", () => Read(static state => state.OldestAge.TotalSeconds), "s",
            "How long this server has known the oldest event of a partition that is not delivered, as the partition's "
            + "checkpoint says; 0 if all are.");
    }

    /// <summary>The meter, for further metrics of the log. It ends with this object.</summary>
    public Meter Meter { get; } = new(OrderMetrics.MeterName);

    public void Dispose() => Meter.Dispose();

    private IEnumerable<Measurement<T>> Read<T>(Func<LagReading, T> value)
        where T : struct
    {
        for (var partition = 0; partition < _signals.Length; partition++)
        {
            if (_signals[partition].ReadState() is { } state)
            {
                yield return new Measurement<T>(value(state), _tags[partition]);
            }
        }
    }
}
