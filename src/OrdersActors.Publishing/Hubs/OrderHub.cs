using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Streams;

namespace OrdersActors.Publishing.Hubs;

/// <summary>
/// An Orleans client that belongs to the publisher, in a separate service provider. It does not delay the application's
/// start, and it can coexist with the application's own silo or client and with other hubs.
/// </summary>
/// <remarks>
/// <para><b>Start.</b> The host's start or the first publish starts it, whichever is first. It connects in the
/// background and retries without limit, with a back-off of 0.5 to 5 s. After that, Orleans maintains the connection
/// and refreshes the gateways every five seconds.</para>
/// <para><b>Logs.</b> One line when the connection fails or is lost, and one when it is established.
/// <see cref="HubLoggerFactory"/> filters Orleans' own lines.</para>
/// <para><b>Stop.</b> When the application begins to stop, calls that wait for a connection fail. The client itself
/// stops after all hosted services have stopped, so that they can publish until then.</para>
/// </remarks>
internal sealed partial class OrderHub : IOrderHub, IClusterConnectionStatusObserver, IDisposable, IAsyncDisposable
{
    private static readonly TimeSpan FirstRetryDelay = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestRetryDelay = TimeSpan.FromSeconds(5);

    private readonly OrderStatusPublisherOptions _options;
    private readonly TimeProvider _time;
    private readonly ILoggerFactory _loggers;
    private readonly ILogger _logger;
    private readonly Outage _outage;
    private readonly CancellationTokenSource _stop;
    private readonly TaskCompletionSource<IStreamProvider> _connected =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    private readonly Lock _lock = new();

    // Read and written under the lock.
    private Task? _connecting;
    private ServiceProvider? _client;

    // Written under the lock. Volatile, because publishers read it without the lock. A publisher that reads it too
    // early waits, and the cancelled Stopping ends its wait.
    private volatile bool _isStopped;

    // The last failure, for messages only. Orleans and the connecting task write it.
    private volatile string? _problem;

    /// <param name="options">The gateways and the cluster.</param>
    /// <param name="time">The clock of the back-off.</param>
    /// <param name="loggers">The application's logger factory.</param>
    /// <param name="stopping">Signalled when the application begins to stop.</param>
    public OrderHub(
        OrderStatusPublisherOptions options, TimeProvider time, ILoggerFactory loggers, CancellationToken stopping)
    {
        (_options, _time, _loggers) = (options, time, loggers);
        _logger = loggers.CreateLogger<OrderHub>();
        _outage = new Outage(time);
        _stop = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        Stopping = _stop.Token;
    }

    // A copy of the token, because the source's property throws after the source is disposed.
    public CancellationToken Stopping { get; }

    private bool IsConnected =>
        _connected.Task.IsCompleted && !_outage.IsOngoing && !Stopping.IsCancellationRequested;

    private string Target => string.Create(
        CultureInfo.InvariantCulture, $"{string.Join(", ", _options.Gateways)} (cluster {_options.ClusterId})");

    /// <summary>Starts to connect in the background. Further calls have no effect.</summary>
    public void Start()
    {
        lock (_lock)
        {
            if (!_isStopped)
            {
                _connecting ??= Task.Run(RunAsync);
            }
        }
    }

    public ValueTask<IStreamProvider> ConnectAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        Start();
        return _isStopped
            ? throw new HubUnavailableException("the publisher has stopped")
            : ConnectionWait.ForAsync(_connected.Task, timeout, Reason, _time, Stopping, cancellationToken);
    }

    /// <summary>Stops the client. Publishing fails from now on.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (TakeClient() is not var (connecting, client))
        {
            return;
        }

        await _stop.CancelAsync();
        await connecting;
        if (client is not null)
        {
            await StopAsync(client, cancellationToken);
        }
    }

    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    public async ValueTask DisposeAsync()
    {
        // The host never ran or did not stop normally. The cancelled token makes the client stop without waiting.
        await StopAsync(new CancellationToken(canceled: true));
        _stop.Dispose();
    }

    void IClusterConnectionStatusObserver.NotifyGatewayCountChanged(int current, int previous, bool connectionRecovered)
    {
        // StartAsync logs the first connection, when the client has started.
        if (current > 0 && _connected.Task.IsCompleted && _outage.End() is { } outage)
        {
            LogConnectedAgain(Target, outage);
        }
    }

    void IClusterConnectionStatusObserver.NotifyClusterConnectionLost() => Failed("the connection was lost");

    private string Reason() => $"no connection to {Target}" + (_problem is { } problem ? $": {problem}" : " yet");

    private async Task RunAsync()
    {
        var backoff = NewBackoff();
        while (!Stopping.IsCancellationRequested)
        {
            ServiceProvider? client = null;
            try
            {
                client = Build();
                await StartAsync(client);
                return;
            }
            catch (Exception e)
            {
                if (client is not null)
                {
                    await client.DisposeAsync();
                }

                if (Stopping.IsCancellationRequested)
                {
                    return;
                }

                Failed(e.Message);
            }

            await backoff.WaitAsync(_time, Stopping);
        }
    }

    private ServiceProvider Build()
    {
        var services = new ServiceCollection();
        services.AddSingleton<ILoggerFactory>(new HubLoggerFactory(_loggers, () => !IsConnected));
        services.AddOrleansClient(client =>
        {
            var backoff = NewBackoff();
            client.UseOrderGateways(_options.ClusterId, [.. _options.Gateways])
                .AddOrderStreams()
                .AddClusterConnectionStatusObserver(this)
                .UseConnectionRetryFilter((e, cancellationToken) =>
                {
                    Failed(e.Message);
                    return backoff.WaitAsync(_time, cancellationToken);
                });
            if (_options.Tls is { } tls)
            {
                client.UseOrderTls(tls);
            }

            _options.ConfigureClient?.Invoke(client);
        });
        return services.BuildServiceProvider();
    }

    private async Task StartAsync(ServiceProvider client)
    {
        foreach (var hosted in client.GetServices<IHostedService>())
        {
            await hosted.StartAsync(Stopping);
        }

        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isStopped, this);
            _client = client;
        }

        _connected.TrySetResult(client.GetRequiredKeyedService<IStreamProvider>(OrderStreams.ProviderName));
        if (_outage.End() is { } outage)
        {
            LogConnectedAgain(Target, outage);
        }
        else
        {
            LogConnected(Target);
        }
    }

    private static async Task StopAsync(ServiceProvider client, CancellationToken cancellationToken)
    {
        try
        {
            foreach (var hosted in client.GetServices<IHostedService>().Reverse())
            {
                await hosted.StopAsync(cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The stop timed out. Disposing closes the connections.
        }

        await client.DisposeAsync();
    }

    private (Task Connecting, ServiceProvider? Client)? TakeClient()
    {
        lock (_lock)
        {
            if (_isStopped)
            {
                return null;
            }

            _isStopped = true;
            return (_connecting ?? Task.CompletedTask, _client);
        }
    }

    private void Failed(string problem)
    {
        _problem = problem;
        if (_outage.Begin() && !Stopping.IsCancellationRequested)
        {
            LogUnavailable(Target, problem);
        }
    }

    private static RetryBackoff NewBackoff() => new(FirstRetryDelay, LongestRetryDelay);

    [LoggerMessage(1520, LogLevel.Warning,
        "No connection to the order hub {Target}: {Problem}. Retrying until it is connected")]
    private partial void LogUnavailable(string target, string problem);

    [LoggerMessage(1521, LogLevel.Information, "Connected to the order hub {Target}")]
    private partial void LogConnected(string target);

    [LoggerMessage(1522, LogLevel.Information, "Connected to the order hub {Target} after an outage of {Outage}")]
    private partial void LogConnectedAgain(string target, TimeSpan outage);
}
