using System.Diagnostics;

namespace OrdersActors.Benchmarks;

/// <summary>CPU time and memory of a process, as the operating system reports them.</summary>
internal readonly record struct Measured(TimeSpan Cpu, long ResidentBytes)
{
    public static Measured Of(int processId)
    {
        using var process = Process.GetProcessById(processId);
        return new Measured(process.TotalProcessorTime, process.WorkingSet64);
    }
}
