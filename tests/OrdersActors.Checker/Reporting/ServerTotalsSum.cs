using System.Text.Json;
using OrdersActors.Faults.Totals;

namespace OrdersActors.Checker.Reporting;

/// <summary>The totals that the server's processes have printed, added up over all of them. Thread-safe.</summary>
internal sealed class ServerTotalsSum
{
    private readonly Dictionary<string, long> _ended = [];
    private Dictionary<string, long> _running = [];

    /// <summary>Reads a line of the running process. False where it does not tell totals.</summary>
    public bool TryRead(string line)
    {
        if (!line.StartsWith(ServerTotals.LinePrefix, StringComparison.Ordinal))
        {
            return false;
        }

        var totals = JsonSerializer.Deserialize<Dictionary<string, long>>(line[ServerTotals.LinePrefix.Length..])!;
        lock (_ended)
        {
            _running = totals;
        }

        return true;
    }

    /// <summary>The running process has ended; the next one counts from zero.</summary>
    public void NextProcess()
    {
        lock (_ended)
        {
            Add(_running, _ended);
            _running = [];
        }
    }

    public SortedDictionary<string, long> Sum()
    {
        lock (_ended)
        {
            var sum = new SortedDictionary<string, long>(_ended, StringComparer.Ordinal);
            Add(_running, sum);
            return sum;
        }
    }

    private static void Add(Dictionary<string, long> from, IDictionary<string, long> to)
    {
        foreach (var (name, count) in from)
        {
            to[name] = count + (to.TryGetValue(name, out var before) ? before : 0);
        }
    }
}
