using System.Diagnostics;
using OrdersActors.Checker.Judging;
using OrdersActors.Checker.Reporting;

namespace OrdersActors.Checker.Publishing;

/// <summary>The events that all publishers have published, with their outcomes. Thread-safe.</summary>
internal sealed class Ledger(RunCounts counts)
{
    private readonly List<PublishedEvent> _events = [];

    public IReadOnlyList<PublishedEvent> Events
    {
        get
        {
            lock (_events)
            {
                return [.. _events];
            }
        }
    }

    /// <summary>
    /// Called right before the events are published, so that they are known whatever the outcome of the call.
    /// </summary>
    public void Add(IReadOnlyList<PublishedEvent> events)
    {
        var now = Stopwatch.GetTimestamp();
        foreach (var e in events)
        {
            e.StartedAt = now;
        }

        lock (_events)
        {
            _events.AddRange(events);
        }
    }

    public void Settle(IReadOnlyList<PublishedEvent> events, Outcome outcome)
    {
        var now = Stopwatch.GetTimestamp();
        foreach (var e in events)
        {
            e.SettledAt = now;
            e.Outcome = outcome;
        }

        if (outcome is Outcome.Acknowledged)
        {
            counts.Acknowledged(events.Count, Stopwatch.GetElapsedTime(events[0].StartedAt));
        }
        else if (outcome is Outcome.Refused)
        {
            counts.Refused(events.Count);
        }
    }
}
