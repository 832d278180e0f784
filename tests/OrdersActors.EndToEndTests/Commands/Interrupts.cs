using System.Globalization;

namespace OrdersActors.EndToEndTests.Commands;

/// <summary>SIGINT, which Ctrl+C sends.</summary>
internal static class Interrupts
{
    /// <summary>Skips the test if this process ignores SIGINT. The processes that it starts inherit that.</summary>
    public static void SkipIfIgnored()
    {
        const long interrupt = 1 << (2 - 1);
        var ignored = File.Exists("/proc/self/status")
            ? File.ReadLines("/proc/self/status").First(line => line.StartsWith("SigIgn:", StringComparison.Ordinal))
                ["SigIgn:".Length..]
            : "0";
        if ((long.Parse(ignored.Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture) & interrupt) != 0)
        {
            NotPermitted.Skip("SIGINT is ignored", "a shell runs this in the background");
        }
    }
}
