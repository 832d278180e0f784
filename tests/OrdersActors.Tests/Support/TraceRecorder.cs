using System.Collections.Concurrent;
using System.Diagnostics;

namespace OrdersActors.Tests.Support;

/// <summary>Samples the product's spans while it lives: all of them, or only those whose parent is sampled.</summary>
internal sealed class TraceRecorder : IDisposable
{
    private readonly ActivityListener _listener;
    private readonly ConcurrentQueue<Activity> _spans = [];

    public TraceRecorder(bool samplesRoots = true)
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == EventTraces.SourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> options) =>
                options.Parent.TraceFlags.HasFlag(ActivityTraceFlags.Recorded) || (samplesRoots && !IsChild(options))
                    ? ActivitySamplingResult.AllDataAndRecorded
                    : ActivitySamplingResult.None,
            ActivityStopped = _spans.Enqueue,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    /// <summary>The ended spans of a trace, in the order of their ends.</summary>
    public Activity[] Of(ActivityTraceId trace) => [.. _spans.Where(span => span.TraceId == trace)];

    /// <summary>The names of the ended spans of a trace.</summary>
    public string[] NamesOf(ActivityTraceId trace) => [.. Of(trace).Select(span => span.OperationName)];

    public void Dispose() => _listener.Dispose();

    private static bool IsChild(ActivityCreationOptions<ActivityContext> options) => options.Parent != default;
}
