using System.Diagnostics;

namespace OrdersActors.Benchmarks.Peers.Load;

/// <summary>Requests events round-robin over the topics, and counts the deliveries.</summary>
/// <param name="target">The peer.</param>
/// <param name="crowd">The connected subscribers.</param>
/// <param name="topics">The number of topics. Each event reaches all subscribers of one topic.</param>
/// <param name="subscribers">The number of subscribers of each topic.</param>
internal sealed class Traffic(LoadTarget target, Crowd crowd, int topics, int subscribers) : IDisposable
{
    private const int MostAtOnce = 1024;
    private const int RequestSize = 512;
    private static readonly TimeSpan DrainTimeout = TimeSpan.FromSeconds(60);

    private readonly Dialect _dialect = Dialect.Of(target);
    private readonly int _triggers = Native.Connect(target.TriggerPort);
    private readonly byte[] _buffer = new byte[MostAtOnce * RequestSize];
    private long _sent;

    private long InFlight => _sent - (crowd.Received / subscribers);

    /// <summary>Must be called before the first event.</summary>
    public void Start() => Native.Send(_triggers, _dialect.Greeting);

    /// <summary>
    /// Requests events at a constant rate. The latency counts from the time when an event is due, also if it is
    /// requested later because the machine is busy.
    /// </summary>
    /// <param name="rate">Events per second.</param>
    /// <param name="seconds">The duration. After it, the last events are awaited.</param>
    /// <param name="onTurn">Called many times per second until the last event has arrived.</param>
    public LoadResult Steady(int rate, double seconds, Action? onTurn = null)
    {
        var period = Stopwatch.Frequency / rate;
        var total = (long)(rate * seconds);
        crowd.Latencies.Clear();
        using var meter = new Meter(target);
        var (received, bytes, start) = (crowd.Received, crowd.Bytes, Stopwatch.GetTimestamp() + period);
        crowd.Poller.SetTimer(start, period);
        for (long sent = 0; sent < total;)
        {
            crowd.Read(milliseconds: 100);
            onTurn?.Invoke();
            var due = Math.Min(total, ((Stopwatch.GetTimestamp() - start) / period) + 1);
            for (; sent < due; sent++)
            {
                Request(start + (sent * period), 1);
            }
        }

        crowd.Poller.SetTimer(0, 0);
        Drain(onTurn);
        return meter.Stop(
            $"{rate} events/s", "delivery", crowd.Received - received, total, crowd.Latencies) with
        {
            Bytes = crowd.Bytes - bytes,
        };
    }

    /// <summary>Keeps this number of events in flight.</summary>
    public LoadResult Saturated(int inFlight, double seconds)
    {
        Fill(inFlight, seconds: 1);
        crowd.Latencies.Clear();
        using var meter = new Meter(target);
        var (received, bytes, sent) = (crowd.Received, crowd.Bytes, _sent);
        Fill(inFlight, seconds);
        var result = meter.Stop(
            "saturated", "delivery", crowd.Received - received, _sent - sent, crowd.Latencies) with
        {
            Bytes = crowd.Bytes - bytes,
        };
        Drain();
        return result;
    }

    public void Dispose() => _ = Native.Close(_triggers);

    private void Fill(int inFlight, double seconds)
    {
        for (var from = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(from).TotalSeconds < seconds;)
        {
            if (inFlight - InFlight is > 0 and var missing)
            {
                Request(Stopwatch.GetTimestamp(), (int)Math.Min(missing, MostAtOnce));
            }

            crowd.Read(milliseconds: 100);
        }
    }

    /// <summary>Reads until every requested event has reached all its subscribers.</summary>
    private void Drain(Action? onTurn = null)
    {
        for (var from = Stopwatch.GetTimestamp(); InFlight > 0; crowd.Read(milliseconds: 100))
        {
            if (Stopwatch.GetElapsedTime(from) > DrainTimeout)
            {
                throw new TimeoutException(
                    $"{(_sent * subscribers) - crowd.Received} deliveries did not arrive in {DrainTimeout}.");
            }

            onTurn?.Invoke();
        }
    }

    private void Request(long due, int count)
    {
        var length = 0;
        for (var i = 0; i < count; i++, _sent++)
        {
            length += _dialect.WriteRequest(new Trigger(due, (int)(_sent % topics)), _buffer.AsSpan(length));
        }

        Native.Send(_triggers, _buffer.AsSpan(0, length));
    }
}
