using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace OrdersActors.Tests.Support;

/// <summary>Collects the histogram of the stages while it lives: the values of each stage, in seconds.</summary>
internal sealed class StageRecorder : IDisposable
{
    private readonly MeterListener _meter = new();
    private readonly ConcurrentQueue<(string Stage, double Seconds)> _values = [];
    private readonly ConcurrentQueue<string> _tags = [];

    public StageRecorder()
    {
        _meter.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == EventStages.InstrumentName)
            {
                Instrument = (Histogram<double>)instrument;
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _meter.SetMeasurementEventCallback<double>((_, seconds, tags, _) =>
        {
            foreach (var (key, value) in tags)
            {
                _tags.Enqueue(key);
                _values.Enqueue(((string)value!, seconds));
            }
        });
        // The instrument is created when its class is used for the first time.
        _ = EventStages.AreCollected;
        _meter.Start();
    }

    public Histogram<double>? Instrument { get; private set; }

    /// <summary>The stages of all values, in their order.</summary>
    public string[] Stages => [.. _values.Select(value => value.Stage)];

    /// <summary>The names of all tags.</summary>
    public string[] Tags => [.. _tags.Distinct()];

    public double[] Of(string stage) =>
        [.. _values.Where(value => value.Stage == stage).Select(value => value.Seconds)];

    public void Dispose() => _meter.Dispose();
}
