using System.Globalization;

namespace OrdersActors.Benchmarks.Soak;

/// <summary>Decides whether a soak is green: compares its first minutes with its last ones.</summary>
/// <remarks>
/// A growth is a reason only if it is large in proportion and in absolute numbers. Memory has both bounds because a
/// garbage collector moves in steps. The CPU has a wide one because other processes of the machine cool its caches.
/// </remarks>
internal static class SoakVerdict
{
    /// <summary>Most minutes at each end that are compared. A shorter soak compares its halves.</summary>
    public const int MostCompared = 5;

    private const double MiB = 1024 * 1024;
    private const double Percent = 0.01;
    private const double MemoryRatio = 1.25;
    private const double LeastMemory = 64 * MiB;
    private const double HeapRatio = 1.25;
    private const double LeastHeap = 32 * MiB;
    private const double CpuRatio = 1.5;
    private const double LeastCpu = 0.1;

    /// <summary>The number of minutes at each end that are compared.</summary>
    public static int Compared(int minutes) => Math.Min(MostCompared, minutes / 2);

    /// <summary>The growths from the first to the last minutes that are reasons for a red result.</summary>
    public static IEnumerable<string> Growths(IReadOnlyList<SoakMinute> minutes)
    {
        var count = Compared(minutes.Count);
        if (count == 0)
        {
            return [];
        }

        return new[]
        {
            Growth("resident memory", minute => minute.ResidentBytes, MemoryRatio, LeastMemory, MiB, "MiB"),
            Growth("live heap", minute => minute.LiveHeap, HeapRatio, LeastHeap, MiB, "MiB"),
            Growth("CPU", minute => minute.Cpu, CpuRatio, LeastCpu, Percent, "%"),
        }.OfType<string>();

        string? Growth(
            string name, Func<SoakMinute, double> value, double ratio, double least, double unit, string unitName)
        {
            var (first, last) = (minutes.Take(count).Average(value), minutes.TakeLast(count).Average(value));
            return first > 0 && last > first * ratio && last - first > least
                ? string.Create(
                    CultureInfo.InvariantCulture,
                    $"the {name} grew from {first / unit:0} {unitName} to {last / unit:0} {unitName}")
                : null;
        }
    }
}
