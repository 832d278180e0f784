using System.Text.RegularExpressions;
using OrdersActors.Faults.Totals;

namespace OrdersActors.Benchmarks.Soak;

/// <summary>
/// The lines that the server prints: counts those at warning and above, and takes the live heap. Thread-safe.
/// </summary>
internal sealed partial class ServerLog
{
    private const int MostKept = 5;

    private readonly Lock _lock = new();
    private readonly List<string> _kept = [];
    private int _warnings;
    private long _liveHeap;

    /// <summary>The number of lines at warning and above.</summary>
    public int Warnings => Volatile.Read(ref _warnings);

    /// <summary>The live heap of the last garbage collection, in bytes; 0 if unknown.</summary>
    public long LiveHeap => Volatile.Read(ref _liveHeap);

    /// <summary>The first lines at warning and above.</summary>
    public string[] FirstWarnings
    {
        get
        {
            lock (_lock)
            {
                return [.. _kept];
            }
        }
    }

    public void Add(string line)
    {
        if (HeapReport.TryRead(line, out var bytes))
        {
            Volatile.Write(ref _liveHeap, bytes);
        }
        else if (Warning.IsMatch(line))
        {
            lock (_lock)
            {
                _warnings++;
                if (_kept.Count < MostKept)
                {
                    _kept.Add(line);
                }
            }
        }
    }

    // The format of the server's console: "2026-11-29T12:34:56.789Z warn: Category[1000] …". An unhandled exception has
    // no level.
    [GeneratedRegex(@"^(\d{4}-\S+Z )?(warn|fail|crit): |^Unhandled exception")]
    private static partial Regex Warning { get; }
}
