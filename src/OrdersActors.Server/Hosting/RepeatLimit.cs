using System.Collections.Concurrent;

namespace OrdersActors.Server.Hosting;

/// <summary>
/// Limits how often one category logs the same event id. During an outage thousands of feeds fail in the same way; an
/// operator needs the first lines and the number of the others. Thread-safe.
/// </summary>
internal sealed class RepeatLimit(TimeProvider time)
{
    /// <summary>The period over which lines of one event id are counted.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    /// <summary>
    /// The maximum number of lines of one event id in a window. The others are counted. Their number is reported before
    /// the first line of a later window, or after the window if no line comes.
    /// </summary>
    public const int MaxLines = 10;

    // Bounded without eviction: event ids are constants in the source code, so a category has few.
    private readonly ConcurrentDictionary<int, Count> _counts = new();

    /// <summary>Counts a line and returns whether it may be written.</summary>
    /// <param name="eventId">The event id.</param>
    /// <param name="leftOut">
    /// The number of lines dropped since the last report. The caller must report it before this line. 0 except for the
    /// first line of a window.
    /// </param>
    public bool TryPass(int eventId, out int leftOut)
    {
        var count = _counts.GetOrAdd(eventId, static _ => new Count());
        lock (count)
        {
            leftOut = 0;
            var now = time.GetTimestamp();
            if (count.Lines == 0 || time.GetElapsedTime(count.BeganAt, now) >= Window)
            {
                leftOut = Math.Max(0, count.Lines - MaxLines);
                (count.BeganAt, count.Lines) = (now, 0);
            }

            return ++count.Lines <= MaxLines;
        }
    }

    /// <summary>
    /// Returns the event ids whose window has ended with dropped lines, with the number of these lines. They are not
    /// reported again.
    /// </summary>
    public IReadOnlyList<(int EventId, int LeftOut)> TakeEnded()
    {
        var ended = new List<(int, int)>();
        foreach (var (eventId, count) in _counts)
        {
            lock (count)
            {
                if (count.Lines > MaxLines && time.GetElapsedTime(count.BeganAt) >= Window)
                {
                    ended.Add((eventId, count.Lines - MaxLines));
                    count.Lines = 0;
                }
            }
        }

        return ended;
    }

    private sealed class Count
    {
        public long BeganAt { get; set; }

        public int Lines { get; set; }
    }
}
