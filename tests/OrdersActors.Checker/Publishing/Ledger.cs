using System.Diagnostics;
using OrdersActors.Checker.Judging;
using OrdersActors.Checker.Reporting;

namespace OrdersActors.Checker.Publishing;

/// <summary>The events that all publishers have published, with their outcomes. Thread-safe.</summary>
internal sealed class Ledger(RunCounts counts)
{
    private readonly List<LedgerEvent> _events = [];

    public IReadOnlyList<LedgerEvent> Events
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
    public void Add(IReadOnlyList<LedgerEvent> events)
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

    /// <summary>Notes that events are stored, and the publisher's answer for each.</summary>
    public void Acknowledge(IReadOnlyList<LedgerEvent> events, IReadOnlyList<PublishedEvent> answers)
    {
        for (var i = 0; i < events.Count; i++)
        {
            events[i].Answer = answers[i];
        }

        Settle(events, Outcome.Acknowledged);
    }

    public void Settle(IReadOnlyList<LedgerEvent> events, Outcome outcome)
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
