namespace OrdersActors.Tests.Support;

/// <summary>The numbers that a test expects.</summary>
public static class NumberRange
{
    /// <summary>All numbers from the first to the last, both included.</summary>
    public static IEnumerable<long> Numbers(long first, long last)
    {
        for (var n = first; n <= last; n++)
        {
            yield return n;
        }
    }
}
