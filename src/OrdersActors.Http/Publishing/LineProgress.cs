namespace OrdersActors.Http.Publishing;

/// <summary>How much of a request with JSON lines is stored.</summary>
internal sealed class LineProgress
{
    private long _firstSequence = long.MaxValue;
    private long _lastSequence;

    /// <summary>The events that the request stored.</summary>
    public long Stored { get; private set; }

    /// <summary>The events that had been stored before under their ids.</summary>
    public long Repeats { get; private set; }

    /// <summary>The members of the answer. The sequences are those of the events that the request stored.</summary>
    public IEnumerable<(string Name, long Value)> Members
    {
        get
        {
            yield return ("stored", Stored);
            yield return ("repeats", Repeats);
            if (Stored > 0)
            {
                yield return ("first_sequence", _firstSequence);
                yield return ("last_sequence", _lastSequence);
            }
        }
    }

    public void Add(IReadOnlyList<PublishedEvent> events)
    {
        var repeats = 0;
        foreach (var e in events)
        {
            if (e.IsRepeat)
            {
                repeats++;
                continue;
            }

            _firstSequence = Math.Min(_firstSequence, e.Sequence);
            _lastSequence = Math.Max(_lastSequence, e.Sequence);
        }

        Repeats += repeats;
        Stored += events.Count - repeats;
        HttpMetrics.CountEvents(events.Count - repeats, repeats);
    }
}
