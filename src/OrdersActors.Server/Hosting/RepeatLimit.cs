using System.Collections.Concurrent;

namespace OrdersActors.Server.Hosting;

/// <summary>
/// Bounds how often one category logs the same event id. During an outage thousands of feeds meet the same failure; an operator needs
/// the first lines and the number of the others. Thread-safe.
/// </summary>
internal sealed class RepeatLimit(TimeProvider time)
{
    /// <summary>The time in which lines of one event id are counted.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    /// <summary>Most lines of one event id in a window. The others are counted and reported in one line by the next window.</summary>
    public const int MaxLines = 10;

    // An id is a constant of the source, so there are few in a category.
    private readonly ConcurrentDictionary<int, Count> _counts = new();

    /// <summary>Whether a line may be written.</summary>
    /// <param name="eventId">The event id.</param>
    /// <param name="leftOut">How many lines of the window before were left out; report them before this line.</param>
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

    private sealed class Count
    {
        public long BeganAt { get; set; }

        public int Lines { get; set; }
    }
}
