using System.Globalization;

namespace OrdersActors.Faults.Totals;

/// <summary>
/// Prints the live heap of the server every few seconds, which nothing outside of the process can see. Off unless
/// <see cref="Variable"/> is 1.
/// </summary>
internal static class HeapReport
{
    /// <summary>The environment variable that starts the report.</summary>
    public const string Variable = "ORDERS_ACTORS_HEAP_REPORT";

    private const string Prefix = "live heap: ";
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private static Timer? _timer;

    public static void StartIfRequested()
    {
        if (Environment.GetEnvironmentVariable(Variable) == "1")
        {
            _timer = new Timer(static _ => Print(), null, Interval, Interval);
        }
    }

    /// <summary>The line that is printed.</summary>
    public static string ToLine(long bytes) => Prefix + bytes.ToString(CultureInfo.InvariantCulture);

    /// <summary>Reads the bytes from a line. Returns false if it is another line.</summary>
    public static bool TryRead(string line, out long bytes)
    {
        bytes = 0;
        return line.StartsWith(Prefix, StringComparison.Ordinal)
            && long.TryParse(line.AsSpan(Prefix.Length), CultureInfo.InvariantCulture, out bytes);
    }

    private static void Print()
    {
        // The size at the last garbage collection. Reading it does not start another one.
        var heap = GC.GetGCMemoryInfo(GCKind.Any);
        if (heap.Index > 0)
        {
            Console.Error.WriteLine(ToLine(heap.HeapSizeBytes - heap.FragmentedBytes));
        }
    }
}
