using System.Diagnostics;

namespace OrdersActors.Checker;

/// <summary>Detects that a number has not changed for a time limit.</summary>
internal sealed class QuietTimeout(TimeSpan limit)
{
    private long _last = -1;
    private long _movedAt = Stopwatch.GetTimestamp();

    /// <summary>Whether the number has not changed for the time limit.</summary>
    public bool IsOver(long number)
    {
        if (number != _last)
        {
            (_last, _movedAt) = (number, Stopwatch.GetTimestamp());
        }

        return Stopwatch.GetElapsedTime(_movedAt) > limit;
    }
}
