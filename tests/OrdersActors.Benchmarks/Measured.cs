using System.Diagnostics;

namespace OrdersActors.Benchmarks;

/// <summary>What the operating system says about a process.</summary>
internal readonly record struct Measured(TimeSpan Cpu, long ResidentBytes)
{
    public static Measured Of(int processId)
    {
        using var process = Process.GetProcessById(processId);
        return new Measured(process.TotalProcessorTime, process.WorkingSet64);
    }
}
