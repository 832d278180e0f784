using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using OrdersActors.FrontEnd.Protocol;

namespace OrdersActors.FrontEnd.Sessions;

/// <summary>
/// Closes all connections when the server stops, before any other part of it stops. The web server would otherwise wait
/// for the open sockets, and feeds can unregister only while the silo runs.
/// </summary>
/// <remarks>
/// <code>
///   signal: not ready ──► 1 drain delay: still serves ──► 2 drain time: 1012, one after the other ──► 3 the rest: 1001
/// </code>
/// <list type="number">
/// <item>Load balancers notice that the server is not ready. The clients that they send until then are served.</item>
/// <item>New connections are refused, because they would only be closed again.</item>
/// <item>Without a drain time, all connections are closed here. Those that do not end in time are aborted.</item>
/// </list>
/// </remarks>
internal sealed class ConnectionShutdown(
    ConnectionRegistry registry, IOptions<FrontEndOptions> options, TimeProvider time)
    : IHostedLifecycleService
{
    private static readonly TimeSpan DrainStep = TimeSpan.FromMilliseconds(50);

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        // 1.
        await Task.Delay(options.Value.DrainDelay, time, cancellationToken)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        // 2.
        registry.StopAccepting();
        await DrainAsync(options.Value.DrainTime, cancellationToken);
        // 3.
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
