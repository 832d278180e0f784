using System.Collections.Concurrent;
using System.Text.Json;

namespace OrdersActors.Faults.Totals;

/// <summary>What has been counted in this process: the faults injected, and what the server's own meter counts.</summary>
public static class ServerTotals
{
    /// <summary>How the line begins that tells the totals: a JSON object of names and numbers follows.</summary>
    public const string LinePrefix = "faults-totals ";

    private static readonly ConcurrentDictionary<string, long> Values = new();

    internal static void Add(string name, long count) => Values.AddOrUpdate(name, count, (_, sum) => sum + count);

    internal static string ToLine() =>
        LinePrefix + JsonSerializer.Serialize(Values.OrderBy(v => v.Key, StringComparer.Ordinal).ToDictionary());
}
