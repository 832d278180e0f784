using Microsoft.Extensions.Hosting;

namespace OrdersActors.FrontEnd.Connections;

/// <summary>
/// Tells the clients when the server stops, before anything else of it does: the web server would wait for the open
/// sockets, and the silo must still be there to unsubscribe from.
/// </summary>
internal sealed class ConnectionShutdown(ConnectionRegistry registry, TimeProvider time) : IHostedLifecycleService
{
    // Of the ten seconds in which the whole server must be gone.
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(3);

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        registry.Stop();
        using var deadline = new CancellationTokenSource(Deadline, time);
        using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(20), time);
        while (registry.Count > 0 && !deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            await poll.WaitForNextTickAsync(CancellationToken.None);
        }

        foreach (var connection in registry.All)
        {
            connection.Abort();
        }
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
