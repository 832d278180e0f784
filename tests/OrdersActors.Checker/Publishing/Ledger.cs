using System.Diagnostics;
using OrdersActors.Checker.Judging;
using OrdersActors.Checker.Reporting;

namespace OrdersActors.Checker.Publishing;

/// <summary>What all publishers have published and were told. Thread-safe.</summary>
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

    /// <summary>Right before they are published, so that whatever becomes of the call they are known.</summary>
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
