using System.Globalization;
using OrdersActors.Benchmarks.Soak;

/// <summary>
/// Named by <c>DOTNET_STARTUP_HOOKS</c> of a server: the server then prints its live heap, which nothing outside of the
/// process can see.
/// </summary>
#pragma warning disable CA1050 // The runtime requires the global namespace.
internal static class StartupHook
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);
    private static Timer? _timer;

    public static void Initialize() => _timer = new Timer(_ => Print(), null, Interval, Interval);

    private static void Print()
    {
        // Of the last garbage collection. It costs nothing and forces none.
        var heap = GC.GetGCMemoryInfo(GCKind.Any);
        if (heap.Index > 0)
        {
            Console.Error.WriteLine(
                HeapLine.Prefix + (heap.HeapSizeBytes - heap.FragmentedBytes).ToString(CultureInfo.InvariantCulture));
        }
    }
}
