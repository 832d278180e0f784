using OrdersActors.Server.Hosting;

namespace OrdersActors.Tests.Server.Hosting;

/// <summary>The number of threads belongs to the process. Tests that run beside these do not depend on it.</summary>
public sealed class WorkerThreadsTests : IDisposable
{
    private readonly (int Workers, int CompletionPorts) _before = Minimum();

    public void Dispose() => ThreadPool.SetMinThreads(_before.Workers, _before.CompletionPorts);

    [Fact]
    public void Pool_may_run_several_threads_for_each_processor_at_once()
    {
        ThreadPool.SetMinThreads(Environment.ProcessorCount, _before.CompletionPorts);

        WorkerThreads.RaiseMinimum();

        Assert.Equal(WorkerThreads.PerProcessor * Environment.ProcessorCount, Minimum().Workers);
    }

    [Fact]
    public void Number_that_an_operator_has_set_stays()
    {
        ThreadPool.SetMinThreads(Environment.ProcessorCount + 1, _before.CompletionPorts);

        WorkerThreads.RaiseMinimum();

        Assert.Equal(Environment.ProcessorCount + 1, Minimum().Workers);
    }

    private static (int Workers, int CompletionPorts) Minimum()
    {
        ThreadPool.GetMinThreads(out var workers, out var completionPorts);
        return (workers, completionPorts);
    }
}
