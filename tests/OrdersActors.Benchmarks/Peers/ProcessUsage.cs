using System.Globalization;

namespace OrdersActors.Benchmarks.Peers;

/// <summary>The resources that a process has used so far, from <c>/proc</c>.</summary>
/// <param name="Cpu">User and system time, in microseconds.</param>
/// <param name="Switches">Context switches of the threads that live, voluntary and involuntary.</param>
/// <param name="ResidentBytes">The resident memory.</param>
internal readonly record struct ProcessUsage(double Cpu, long Switches, long ResidentBytes)
{
    // The unit of /proc is 1/100 s on all Linux systems.
    private const double MicrosecondsPerTick = 10_000;

    public static ProcessUsage Of(int processId)
    {
        var measured = Measured.Of(processId);
        return new ProcessUsage(
            measured.Cpu.TotalMicroseconds,
            Directory.EnumerateDirectories($"/proc/{processId}/task").Sum(SwitchesOf),
            measured.ResidentBytes);
    }

    /// <summary>CPU time of all processes of the machine, in microseconds.</summary>
    public static double OfMachine()
    {
        // cpu user nice system idle iowait irq softirq steal …
        var fields = File.ReadLines("/proc/stat").First()
            .Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(Number).ToArray();
        return (fields[0] + fields[1] + fields[2] + fields[5] + fields[6]) * MicrosecondsPerTick;
    }

    public static ProcessUsage operator -(ProcessUsage later, ProcessUsage earlier) => new(
        later.Cpu - earlier.Cpu, later.Switches - earlier.Switches, later.ResidentBytes - earlier.ResidentBytes);

    private static long SwitchesOf(string task)
    {
        try
        {
            return File.ReadLines(Path.Combine(task, "status"))
                .Where(line => line.Contains("ctxt_switches", StringComparison.Ordinal))
                .Sum(line => Number(line[(line.IndexOf(':') + 1)..]));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or IOException)
        {
            // The thread has ended.
            return 0;
        }
    }

    private static long Number(string text) => long.Parse(text, NumberStyles.Any, CultureInfo.InvariantCulture);
}
