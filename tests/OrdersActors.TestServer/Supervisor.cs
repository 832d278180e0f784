namespace OrdersActors.TestServer;

/// <summary>
/// Starts servers again that have ended, for whatever reason, as systemd or Kubernetes would; and again where that fails. It is
/// the only one who starts them as long as it is there.
/// </summary>
public sealed class Supervisor : IAsyncDisposable
{
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(100);

    private readonly CancellationTokenSource _end = new();
    private readonly SemaphoreSlim _launching = new(1, 1);
    private readonly Task _watching;

    /// <param name="servers">Whom it looks after. Those that have not been started are left alone.</param>
    /// <param name="pause">How long to wait before a server is started again.</param>
    /// <param name="onEnded">Told which server has ended, before it is started again; calls do not overlap for one server.</param>
    public Supervisor(IEnumerable<ServerProcess> servers, Func<TimeSpan> pause, Action<ServerProcess> onEnded) =>
        _watching = Task.WhenAll(servers.Select(server => WatchAsync(server, pause, onEnded)));

    /// <summary>Waits until a server that has ended is started again and serves.</summary>
    public static async Task WaitUntilReadyAsync(ServerProcess server, TimeSpan patience)
    {
        using var timeout = new CancellationTokenSource(patience);
        while (server.HasEnded || !await server.IsReadyAsync())
        {
            if (timeout.IsCancellationRequested)
            {
                throw new TimeoutException($"The server at {server.BaseAddress} does not serve:{Environment.NewLine}{server.Output}");
            }

            await Task.Delay(Every, CancellationToken.None);
        }
    }

    /// <summary>Keeps servers that end from being started again, until the result is disposed.</summary>
    public async Task<IDisposable> HoldAsync()
    {
        await _launching.WaitAsync();
        return new Held(_launching);
    }

    /// <summary>From now on what ends stays ended.</summary>
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
            // It is over.
        }
    }

    private sealed class Held(SemaphoreSlim launching) : IDisposable
    {
        public void Dispose() => launching.Release();
    }
}
