using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace OrdersActors.Publishing.Hubs;

/// <summary>
/// Starts the application's own Orleans client in the background, in place of Orleans' hosted service. That service
/// would delay the start of the application until a gateway answers.
/// </summary>
/// <remarks>
/// <para><b>Start.</b> It begins before the other hosted services start. The host waits for the first attempt to
/// connect, at most <see cref="FirstAttempt"/>. So if the hub runs, grains and streams can be used as soon as the
/// application has started. <see cref="HubRetry"/> retries without limit, unless the application has its own retry
/// filter. If the start fails for another reason, a retry cannot succeed, so the application stops, as it does if a
/// background service fails.</para>
/// <para><b>Stop.</b> When the application begins to stop, a client that is not connected gives up. A connected client
/// stops after all hosted services have stopped, so that they can publish until then.</para>
/// </remarks>
internal sealed partial class BackgroundClient : IHostedLifecycleService, IDisposable, IAsyncDisposable
{
    private static readonly TimeSpan FirstAttempt = TimeSpan.FromSeconds(1);

    private readonly IHostedService _client;
    private readonly HubContact _contact;
    private readonly TimeProvider _time;
    private readonly IHostApplicationLifetime? _lifetime;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop;
    private readonly Lock _lock = new();

    // Read and written under the lock. The result is whether the client has started.
    private Task<bool>? _starting;
    private Task? _stopping;

    /// <param name="client">Orleans' hosted service.</param>
    /// <param name="contact">Logs the connection.</param>
    /// <param name="time">The clock of the wait for the first attempt.</param>
    /// <param name="lifetime">The application; null without a host.</param>
    /// <param name="logger">Gets the failure that a retry cannot repair.</param>
    public BackgroundClient(
        IHostedService client, HubContact contact, TimeProvider time, IHostApplicationLifetime? lifetime,
        ILogger<BackgroundClient> logger)
    {
        (_client, _contact, _time, _lifetime, _logger) = (client, contact, time, lifetime, logger);
        _stop = CancellationTokenSource.CreateLinkedTokenSource(lifetime?.ApplicationStopping ?? default);
    }

    public Task StartingAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_stopping is null)
            {
                _starting ??= Task.Run(RunAsync, CancellationToken.None);
            }
        }

        return Task.CompletedTask;
    }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        // A caller that starts hosted services without a host does not call StartingAsync.
        await StartingAsync(cancellationToken);
        await _contact.Attempted.WaitAsync(FirstAttempt, _time, cancellationToken)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
    }

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return _stopping ??= StopClientAsync(_starting ?? Task.FromResult(false), cancellationToken);
        }
    }

    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    public async ValueTask DisposeAsync()
    {
        // The host did not start or did not stop normally. The cancelled token makes the client stop without waiting.
        await StoppedAsync(new CancellationToken(canceled: true));
        _stop.Dispose();
    }

    private async Task<bool> RunAsync()
    {
        try
        {
            await _client.StartAsync(_stop.Token);
            _contact.Started();
            return true;
        }
        catch (Exception) when (_stop.IsCancellationRequested)
        {
            return false;
        }
        catch (Exception e)
        {
            _contact.Failed(e.Message);
            LogNotStarted(e);
            // Stopping runs code of the application. On this thread, that code could wait for this task, which would
            // never end.
            ThreadPool.QueueUserWorkItem(static lifetime => lifetime?.StopApplication(), _lifetime, preferLocal: false);
            return false;
        }
    }

    private async Task StopClientAsync(Task<bool> starting, CancellationToken cancellationToken)
    {
        // Continues on another thread, because the caller holds the lock.
        await Task.Yield();
        await _stop.CancelAsync();
        if (!await starting)
        {
            return;
        }

        try
        {
            await _client.StopAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The stop timed out. Disposing the services closes the connections.
        }
    }

    [LoggerMessage(1523, LogLevel.Critical,
        "The application's Orleans client cannot start, and a retry cannot succeed. The application stops")]
    private partial void LogNotStarted(Exception exception);
}
