namespace OrdersActors.Server.Hosting;

/// <summary>The number of threads that the thread pool starts at once. It adds more only after a delay.</summary>
/// <remarks>
/// .NET handles the data of sockets in work items of up to 15 ms each. By default the pool starts one thread for each
/// processor at once. A few clients that send much keep all of them busy, and then the next event of everybody else
/// waits for up to 15 ms. With more threads, the kernel divides the processors between them, and the event waits a few
/// milliseconds. The figures are in the benchmarks' README, "A hostile crowd". The number depends on the processors, so
/// <c>runtimeconfig.template.json</c> cannot contain it.
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
