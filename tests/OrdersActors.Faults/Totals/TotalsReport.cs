using System.Diagnostics.Metrics;

namespace OrdersActors.Faults.Totals;

/// <summary>
/// Listens to the server's meter and prints the totals every second, so that a killed process loses at most its last
/// second.
/// </summary>
internal static class TotalsReport
{
    private const string Meter = "OrdersActors";

    private static readonly MeterListener Listener = new();
    private static Timer? _timer;

    public static void Start()
    {
        Listener.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument.Meter.Name == Meter && instrument is Counter<long> or Counter<int>)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        Listener.SetMeasurementEventCallback<long>(static (instrument, count, tags, _) => Add(instrument, count, tags));
        Listener.SetMeasurementEventCallback<int>(static (instrument, count, tags, _) => Add(instrument, count, tags));
        Listener.Start();
        _timer = new Timer(
            static _ => Console.WriteLine(ServerTotals.ToLine()), null, TimeSpan.FromSeconds(1),
            TimeSpan.FromSeconds(1));
    }

    private static void Add(Instrument instrument, long count, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var name = instrument.Name;
        foreach (var (key, value) in tags)
        {
            if (key == "hop")
            {
                name += $"{{hop={value}}}";
            }
        }

        ServerTotals.Add(name, count);
    }
}
