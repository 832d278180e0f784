namespace OrdersActors.Server.Hosting;

/// <summary>The number of threads that the thread pool may run at once without waiting.</summary>
/// <remarks>
/// .NET handles the data of sockets in work items of up to 15 ms each. By default the pool starts one thread for each
/// processor at once. So a few clients that send much kept all of them busy, and the next event of everybody else
/// waited for 15 ms. With more threads the kernel divides the processors, and the event has its turn after a few
/// milliseconds. The figures are in the benchmarks' README, "A hostile crowd".
/// </remarks>
internal static class WorkerThreads
{
    /// <summary>Threads for each processor.</summary>
    public const int PerProcessor = 3;

    /// <summary>Raises the number, unless the runtime's configuration or an environment variable sets it.</summary>
    public static void RaiseMinimum()
    {
        ThreadPool.GetMinThreads(out var workers, out var completionPorts);
        if (workers == Environment.ProcessorCount)
        {
            ThreadPool.SetMinThreads(PerProcessor * workers, completionPorts);
        }
    }
}
