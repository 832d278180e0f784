using System.Text.Json;
using OrdersActors.Faults.Totals;

namespace OrdersActors.Checker.Reporting;

/// <summary>The sum of the totals that all server processes have printed. Thread-safe.</summary>
internal sealed class ServerTotalsSum
{
    private readonly Dictionary<string, long> _ended = [];
    private readonly Dictionary<int, Dictionary<string, long>> _running = [];

    /// <summary>Reads a line of a running server process. Returns false if the line contains no totals.</summary>
    public bool TryRead(int server, string line)
    {
        if (!line.StartsWith(ServerTotals.LinePrefix, StringComparison.Ordinal))
        {
            return false;
        }

        var totals = JsonSerializer.Deserialize<Dictionary<string, long>>(line[ServerTotals.LinePrefix.Length..])!;
        lock (_ended)
        {
            _running[server] = totals;
        }

        return true;
    }

    /// <summary>A server process has ended; the next one counts from zero.</summary>
    public void NextProcess(int server)
    {
        lock (_ended)
        {
            if (_running.Remove(server, out var totals))
            {
                Add(totals, _ended);
            }
        }
    }

    public SortedDictionary<string, long> Sum()
    {
        lock (_ended)
        {
            var sum = new SortedDictionary<string, long>(_ended, StringComparer.Ordinal);
            foreach (var totals in _running.Values)
            {
                Add(totals, sum);
            }

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
