using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using OrdersActors.FrontEnd.Protocol;

namespace OrdersActors.FrontEnd.Sessions;

/// <summary>
/// Closes all connections when the server stops, before any other part of it stops. The web server would otherwise wait
/// for the open sockets, and feeds can unregister only while the silo runs. With a drain time, connections are closed
/// one after the other.
/// </summary>
internal sealed class ConnectionShutdown(
    ConnectionRegistry registry, IOptions<FrontEndOptions> options, TimeProvider time)
    : IHostedLifecycleService
{
    private static readonly TimeSpan DrainStep = TimeSpan.FromMilliseconds(50);

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        registry.StopAccepting();
        await DrainAsync(options.Value.DrainTime, cancellationToken);
        registry.CloseAll(CloseReason.ServerStopping);
        using var deadline = new CancellationTokenSource(Deadlines.StopConnections, time);
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

    /// <summary>
    /// Closes in each step the connections that are due by then, so that the last one is closed when the time ends.
    /// </summary>
    private async Task DrainAsync(TimeSpan drainTime, CancellationToken cancellationToken)
    {
        var open = new Queue<IClientConnection>(registry.All);
        var total = open.Count;
        using var step = new PeriodicTimer(DrainStep, time);
        for (var passed = DrainStep;
            open.Count > 0 && passed <= drainTime && !cancellationToken.IsCancellationRequested;
            passed += DrainStep)
        {
            for (var due = Math.Ceiling(total * (passed / drainTime)) - (total - open.Count); due > 0; due--)
            {
                open.Dequeue().Close(CloseReason.ServerRestarting);
            }

            await step.WaitForNextTickAsync(CancellationToken.None);
        }
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
