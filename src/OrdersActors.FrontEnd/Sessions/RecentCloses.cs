using System.Diagnostics.Metrics;

namespace OrdersActors.FrontEnd.Sessions;

/// <summary>
/// Counts the connections that this front end has begun to close in the last ten minutes, by status. It listens to the
/// metric <c>orders_actors.connections_closed</c>. Thread-safe.
/// </summary>
internal sealed class RecentCloses : IDisposable
{
    private const string Instrument = "orders_actors.connections_closed";
    private const string Status = "status";
    private const int Minutes = 10;

    // The statuses that the server uses are few.
    private const int MostStatuses = 50;

    private readonly TimeProvider _time;
    private readonly MeterListener _listener = new();
    private readonly Lock _lock = new();

    // For each status: the number in each minute, by the minute's number modulo the length.
    private readonly Dictionary<int, (long Minute, long Count)[]> _counts = [];

    public RecentCloses(TimeProvider time)
    {
        _time = time;
        _listener.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument.Meter.Name == OrderMetrics.MeterName && instrument.Name == Instrument)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((_, count, tags, _) => Add(tags, count));
        _listener.Start();
    }

    /// <summary>The statuses with closes in the last ten minutes, and their numbers.</summary>
    public CloseCount[] Read()
    {
        var oldest = Minute() - Minutes;
        lock (_lock)
        {
            return
            [
                .. _counts.OrderBy(status => status.Key).Select(status => new CloseCount(
                    status.Key, status.Value.Where(minute => minute.Minute > oldest).Sum(minute => minute.Count)))
                    .Where(status => status.Count > 0),
            ];
        }
    }

    public void Dispose() => _listener.Dispose();

    private void Add(ReadOnlySpan<KeyValuePair<string, object?>> tags, long count)
    {
        foreach (var (name, value) in tags)
        {
            if (name == Status && value is int status)
            {
                Add(status, count);
            }
        }
    }

    private void Add(int status, long count)
    {
        var now = Minute();
        lock (_lock)
        {
            if (!_counts.TryGetValue(status, out var minutes))
            {
                if (_counts.Count == MostStatuses)
                {
                    return;
                }

                _counts[status] = minutes = new (long, long)[Minutes];
            }

            ref var minute = ref minutes[now % Minutes];
            minute = minute.Minute == now ? (now, minute.Count + count) : (now, count);
        }
    }

    private long Minute() => _time.GetUtcNow().ToUnixTimeSeconds() / 60;
}
