using System.Globalization;

namespace OrdersActors.Benchmarks.Soak;

/// <summary>The line in which the startup hook reports the live heap of the server.</summary>
internal static class HeapLine
{
    public const string Prefix = "soak: live heap ";

    /// <summary>Reads the bytes. Returns false if the line is another one.</summary>
    public static bool TryRead(string line, out long bytes)
    {
        bytes = 0;
        return line.StartsWith(Prefix, StringComparison.Ordinal)
            && long.TryParse(line.AsSpan(Prefix.Length), CultureInfo.InvariantCulture, out bytes);
    }
}
