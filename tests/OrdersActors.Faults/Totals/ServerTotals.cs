using System.Collections.Concurrent;
using System.Text.Json;

namespace OrdersActors.Faults.Totals;

/// <summary>The totals of this process: the injected faults, and the counters of the server's meter.</summary>
public static class ServerTotals
{
    /// <summary>The prefix of the line with the totals. A JSON object of names and numbers follows.</summary>
    public const string LinePrefix = "faults-totals ";

    private static readonly ConcurrentDictionary<string, long> Values = new();

    internal static void Add(string name, long count) => Values.AddOrUpdate(name, count, (_, sum) => sum + count);

    internal static string ToLine() =>
        LinePrefix + JsonSerializer.Serialize(Values.OrderBy(v => v.Key, StringComparer.Ordinal).ToDictionary());
}
