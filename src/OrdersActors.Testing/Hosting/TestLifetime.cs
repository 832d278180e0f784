using Microsoft.Extensions.Hosting;

namespace OrdersActors.Testing.Hosting;

/// <summary>A host without signals: Ctrl+C ends the test run, as always.</summary>
internal sealed class TestLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
