namespace OrdersActors.TestServer;

/// <summary>
/// Restarts servers that have ended, for whatever reason, like systemd or Kubernetes, and retries if a start fails.
/// While it exists, nobody else may start them.
/// </summary>
public sealed class Supervisor : IAsyncDisposable
{
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(100);

    private readonly CancellationTokenSource _end = new();
    private readonly SemaphoreSlim _launching = new(1, 1);
    private readonly Task _watching;

    /// <param name="servers">The servers to restart. Servers that were never started are ignored.</param>
    /// <param name="pause">The delay before a restart.</param>
    /// <param name="onEnded">Called with a server that has ended, before it is restarted. Calls for the same server do
    /// not overlap.</param>
    public Supervisor(IEnumerable<ServerProcess> servers, Func<TimeSpan> pause, Action<ServerProcess> onEnded) =>
        _watching = Task.WhenAll(servers.Select(server => WatchAsync(server, pause, onEnded)));

    /// <summary>Waits until a server that has ended was restarted and serves.</summary>
    public static async Task WaitUntilReadyAsync(ServerProcess server, TimeSpan limit)
    {
        using var timeout = new CancellationTokenSource(limit);
        while (server.HasEnded || !await server.IsReadyAsync())
        {
            if (timeout.IsCancellationRequested)
            {
                throw new TimeoutException(
                    $"The server at {server.BaseAddress} does not serve:{Environment.NewLine}{server.Output}");
            }

            await Task.Delay(Every, CancellationToken.None);
        }
    }

    /// <summary>Prevents restarts until the result is disposed.</summary>
    public async Task<IDisposable> HoldAsync()
    {
        await _launching.WaitAsync();
        return new Held(_launching);
    }

    /// <summary>Stops restarting servers.</summary>
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _watching;
        _end.Dispose();
        _launching.Dispose();
    }

    private async Task WatchAsync(ServerProcess server, Func<TimeSpan> pause, Action<ServerProcess> onEnded)
    {
        try
        {
            while (true)
            {
                await Task.Delay(Every, _end.Token);
                if (server.HasEnded)
                {
                    onEnded(server);
                    await Task.Delay(pause(), _end.Token);
                    using var turn = await HoldAsync();
                    server.Launch();
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The supervisor is disposed.
        }
    }

    private sealed class Held(SemaphoreSlim launching) : IDisposable
    {
        public void Dispose() => launching.Release();
    }
}
