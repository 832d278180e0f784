using System.Diagnostics;

namespace OrdersActors;

/// <summary>
/// The source of the spans on an event's way, and the trace context in calls between processes (W3C Trace Context).
/// </summary>
/// <remarks>
/// <code>
///   application ──publish──► silo ──append──► commit ──► pull ──► distribute ──► frame
/// </code>
/// <para>The context of a publish call travels in Orleans' request context, under the names that Orleans itself uses.
/// Grain call filters of Orleans would do the same for every call. But they cost something for calls without a trace,
/// and front ends in the silo's process could not be called directly (<see cref="LocalObservers"/>).</para>
/// While nobody listens to the source, nothing is read or sent.
/// </remarks>
internal static class EventTraces
{
    /// <summary>The name of the source.</summary>
    public const string SourceName = OrderMetrics.MeterName;

    private const string Parent = "traceparent";
    private const string State = "tracestate";

    /// <summary>The source of all spans of this product.</summary>
    public static readonly ActivitySource Source = new(SourceName);

    /// <summary>The caller's span; null if nobody samples it.</summary>
    public static Activity? Current => Activity.Current is { Recorded: true, IdFormat: ActivityIdFormat.W3C } current
        ? current
        : null;

    /// <summary>
    /// Gives the current span to the grain calls that the caller's method makes from now on. Does nothing without one.
    /// </summary>
    public static void Send()
    {
        if (Current is { } current)
        {
            RequestContext.Set(Parent, current.Id!);
            if (current.TraceStateString is { Length: > 0 } state)
            {
                RequestContext.Set(State, state);
            }
        }
    }

    /// <summary>
    /// Begins a span of a publish call. Its parent is the current span, or the span that came with the grain call.
    /// Returns null if nobody samples it.
    /// </summary>
    /// <param name="name">The name of the span.</param>
    /// <param name="kind">The role of this process.</param>
    public static Activity? Begin(string name, ActivityKind kind)
    {
        if (!Source.HasListeners())
        {
            return null;
        }

        return Activity.Current is null && Received() is { } parent
            ? Source.StartActivity(name, kind, parent)
            : Source.StartActivity(name, kind);
    }

    /// <summary>
    /// Begins a span with a given parent, in the text form of W3C. Returns null without a parent, or if nobody samples
    /// it.
    /// </summary>
    public static Activity? Begin(string name, ActivityKind kind, string? parent) =>
        parent is not null && Source.HasListeners() && ActivityContext.TryParse(parent, null, true, out var context)
            ? Source.StartActivity(name, kind, context)
            : null;

    /// <summary>Adds a span that has just ended.</summary>
    /// <param name="name">The name of the span.</param>
    /// <param name="parent">Its parent.</param>
    /// <param name="from">When it began, a timestamp of <see cref="Stopwatch"/>.</param>
    /// <param name="tags">The attributes of the span.</param>
    public static void Add(
        string name, ActivityContext parent, long from, params KeyValuePair<string, object?>[] tags)
    {
        var now = DateTime.UtcNow;
        using var span = Source.StartActivity(
            name, ActivityKind.Internal, parent, tags, links: null, now - Stopwatch.GetElapsedTime(from));
        span?.SetEndTime(now);
    }

    private static ActivityContext? Received() =>
        RequestContext.Get(Parent) is string parent
        && ActivityContext.TryParse(parent, RequestContext.Get(State) as string, isRemote: true, out var context)
            ? context
            : null;
}
