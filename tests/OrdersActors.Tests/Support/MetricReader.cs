using System.Diagnostics.Metrics;

namespace OrdersActors.Tests.Support;

/// <summary>Reads the product's instruments that are observed, and adds up its counters, while it lives.</summary>
internal sealed class MetricReader : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly Dictionary<string, double> _values = [];
    private readonly Lock _lock = new();

    /// <param name="meter">The meter to read; null for all of the product.</param>
    public MetricReader(Meter? meter = null)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == OrderMetrics.MeterName && (meter is null || instrument.Meter == meter))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.Start();
    }

    /// <summary>The names with their tags, such as <c>orders_actors.feeds</c> or <c>name{hop=log}</c>.</summary>
    public string[] Names
    {
        get
        {
            _listener.RecordObservableInstruments();
            lock (_lock)
            {
                return [.. _values.Keys];
            }
        }
    }

    /// <summary>The value of an observed instrument, or the sum of a counter; null if there is none.</summary>
    public double? this[string name]
    {
        get
        {
            _listener.RecordObservableInstruments();
            lock (_lock)
            {
                return _values.TryGetValue(name, out var value) ? value : null;
            }
        }
    }

    public void Dispose() => _listener.Dispose();

    private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var name = instrument.Name;
        if (tags.Length > 0)
        {
            var list = new List<string>();
            foreach (var (key, tag) in tags)
            {
                list.Add($"{key}={tag}");
            }

            name += $"{{{string.Join(',', list)}}}";
        }

        lock (_lock)
        {
            _values[name] = instrument.IsObservable ? value : _values.GetValueOrDefault(name) + value;
        }
    }
}
