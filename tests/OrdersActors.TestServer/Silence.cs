using System.Diagnostics;

namespace OrdersActors.TestServer;

/// <summary>Computes how long no event arrived in a steady stream of events.</summary>
public static class Silence
{
    /// <summary>
    /// The longest gap between two consecutive arrivals that overlaps a span. The part of a gap before the span counts;
    /// the part after the span does not, because it may have another cause. Null if unknown, because there was no
    /// arrival before the span or none after its beginning.
    /// </summary>
    /// <param name="arrivals">Timestamps of the stopwatch, ascending.</param>
    /// <param name="from">The beginning of the span, such as the moment of a kill.</param>
    /// <param name="until">The end of the span.</param>
    public static TimeSpan? Longest(IEnumerable<long> arrivals, long from, long until) =>
        LongestGap(arrivals, from, until)?.Length;

    /// <summary>Like <see cref="Longest"/>, with the moment at which the silence began.</summary>
    public static (long From, TimeSpan Length)? LongestGap(IEnumerable<long> arrivals, long from, long until)
    {
        (long? before, (long From, TimeSpan Length)? longest) = (null, null);
        foreach (var arrival in arrivals)
        {
            if (before > until)
            {
                break;
            }

            if (arrival > from)
            {
                if (before is null)
                {
                    return null;
                }

                var gap = Stopwatch.GetElapsedTime(before.Value, Math.Min(arrival, until));
                longest = longest?.Length > gap ? longest : (before.Value, gap);
            }

            before = arrival;
        }

        return longest;
    }

    /// <summary>The median; for an even count, the lower of the two middle values.</summary>
    public static TimeSpan Median(IEnumerable<TimeSpan> times)
    {
        TimeSpan[] sorted = [.. times.Order()];
        return sorted[(sorted.Length - 1) / 2];
    }
}
