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
/// <para><b>Logs.</b> <see cref="HubContact"/> logs the outages. <see cref="HubLoggerFactory"/> filters Orleans' own
/// lines.</para>
/// <para><b>Stop.</b> When the application begins to stop, calls that wait for a connection fail. The client itself
/// stops after all hosted services have stopped, so that they can publish until then.</para>
/// </remarks>
internal sealed class OrderHub : IOrderHub, IDisposable, IAsyncDisposable
{
    private readonly OrderStatusPublisherOptions _options;
    private readonly TimeProvider _time;
    private readonly ILoggerFactory _loggers;
    private readonly HubContact _contact;
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

    /// <param name="options">The gateways and the cluster.</param>
    /// <param name="time">The clock of the back-off.</param>
    /// <param name="loggers">The application's logger factory.</param>
    /// <param name="stopping">Signalled when the application begins to stop.</param>
    public OrderHub(
        OrderStatusPublisherOptions options, TimeProvider time, ILoggerFactory loggers, CancellationToken stopping)
    {
        (_options, _time, _loggers) = (options, time, loggers);
        _stop = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        Stopping = _stop.Token;
        _contact = new HubContact(
            Describe(options.ClusterId, options.Gateways), time, loggers.CreateLogger<OrderHub>(), Stopping);
    }

    // A copy of the token, because the source's property throws after the source is disposed.
    public CancellationToken Stopping { get; }

    /// <summary>A hub's gateways and cluster, for messages.</summary>
    public static string Describe(string clusterId, IEnumerable<GatewayAddress> gateways) =>
        string.Create(CultureInfo.InvariantCulture, $"{string.Join(", ", gateways)} (cluster {clusterId})");

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
            : ConnectionWait.ForAsync(
                _connected.Task, timeout, () => _contact.Reason, _time, Stopping, cancellationToken);
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

    private async Task RunAsync()
    {
        var backoff = HubRetry.NewBackoff();
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

                _contact.Failed(e.Message);
            }

            await backoff.WaitAsync(_time, Stopping);
        }
    }

    private ServiceProvider Build()
    {
        var services = new ServiceCollection();
        services.AddSingleton<ILoggerFactory>(new HubLoggerFactory(_loggers, () => !_contact.IsConnected));
        services.AddOrleansClient(client =>
        {
            client.UseOrderGateways(_options.ClusterId, waitForHub: true, [.. _options.Gateways])
                .AddOrderStreams()
                .AddClusterConnectionStatusObserver(_contact)
                .UseConnectionRetryFilter(new HubRetry(_contact, _time));
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
        _contact.Started();
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
}
