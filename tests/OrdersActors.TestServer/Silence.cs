using System.Diagnostics;

namespace OrdersActors.TestServer;

/// <summary>How long nothing came where something always comes.</summary>
public static class Silence
{
    /// <summary>
    /// The longest time between two arrivals, one after the other, that has a part in a span. What of it lies before the span counts,
    /// what lies after it does not: that may have another reason. Null where it is not known, because nothing came before the
    /// span or nothing after its beginning.
    /// </summary>
    /// <param name="arrivals">Moments of the stopwatch, ascending.</param>
    /// <param name="from">The span's beginning, such as the moment of a kill.</param>
    /// <param name="until">The span's end.</param>
    public static TimeSpan? Longest(IEnumerable<long> arrivals, long from, long until) => LongestGap(arrivals, from, until)?.Length;

    /// <summary>As <see cref="Longest"/>, with the moment at which the silence began.</summary>
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

    /// <summary>The middle one, or the lower of the two in the middle.</summary>
    public static TimeSpan Median(IEnumerable<TimeSpan> times)
    {
        TimeSpan[] sorted = [.. times.Order()];
        return sorted[(sorted.Length - 1) / 2];
    }
}
