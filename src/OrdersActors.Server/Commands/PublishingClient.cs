using System.Globalization;
using System.Net;
using System.Net.Sockets;
using OrdersActors.Publishing;
using OrdersActors.Server.Hosting;
using Orleans.Configuration;
using Orleans.Runtime.Messaging;

namespace OrdersActors.Server.Commands;

/// <summary>
/// A publishing service's Orleans client, for the time of one command. Every wait has an end, also when the server dies
/// under it: connecting, and each call, fails when it takes longer than the person wants to keep trying, though never before
/// <see cref="ShortestCall"/>. Trying again under the same event id is safe.
/// </summary>
internal sealed class PublishingClient : IAsyncDisposable
{
    // Shorter ones would give up on a server that is merely busy.
    private static readonly TimeSpan ShortestCall = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestCall = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan GoodbyeTimeout = TimeSpan.FromSeconds(2);

    private readonly IHost _host;

    private PublishingClient(IHost host) => _host = host;

    public IOrderStatusPublisher Publisher => _host.Services.GetRequiredService<IOrderStatusPublisher>();

    /// <summary>Connects to a gateway.</summary>
    /// <exception cref="StartupException">No server answers there, or the address is not one.</exception>
    public static async Task<PublishingClient> ConnectAsync(string? gateway, TimeSpan retryFor, CancellationToken cancellationToken)
    {
        var options = ServerOptions.Read(ServerConfiguration.Build());
        var endpoint = gateway is null ? options.Gateway : await ResolveAsync(gateway, cancellationToken);
        var callTimeout = retryFor < ShortestCall ? ShortestCall : retryFor > LongestCall ? LongestCall : retryFor;
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.UseOrleansClient(client => client
            .UseStaticClustering(endpoint)
            .Configure<ClusterOptions>(cluster => (cluster.ClusterId, cluster.ServiceId) = (options.ClusterId, ServerOptions.ServiceId))
            .Configure<ClientMessagingOptions>(messaging => messaging.ResponseTimeout = callTimeout)
            .AddOrderStreams());
        builder.Services.AddOrderStatusPublisher(publishing => publishing.RetryFor = retryFor);
        var host = builder.Build();
        try
        {
            await ProbeAsync(endpoint, cancellationToken);
            using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            timeout.CancelAfter(callTimeout);
            await host.StartAsync(timeout.Token);
            return new PublishingClient(host);
        }
        catch (Exception e) when (e is SocketException or ConnectionFailedException or OrleansException or TimeoutException
            || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            host.Dispose();
            throw new StartupException($"no server answers at {endpoint} (cluster {options.ClusterId}); is one running?");
        }
    }

    /// <summary>An event as it is stored.</summary>
    /// <exception cref="StartupException">The server does not show it.</exception>
    public async Task<OrderEvent> FindAsync(string organizationId, string eventId)
    {
        try
        {
            return await _host.Services.GetRequiredService<IGrainFactory>().GetGrain<IEventWriterGrain>(0).Find(organizationId, eventId)
                ?? throw new StartupException($"the event {eventId} was acknowledged, but the server does not show it");
        }
        catch (Exception e) when (e is OrleansException or TimeoutException or EventLogUnavailableException)
        {
            throw new StartupException($"the event {eventId} is stored, but the server went away before it showed its numbers");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync(GoodbyeTimeout);
        _host.Dispose();
    }

    /// <summary>Orleans waits long for a gateway; a person who mistyped a port should not.</summary>
    private static async Task ProbeAsync(IPEndPoint endpoint, CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(TimeSpan.FromSeconds(3));
        using var socket = new TcpClient();
        try
        {
            await socket.ConnectAsync(endpoint, timeout.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException();
        }
    }

    private static async Task<IPEndPoint> ResolveAsync(string gateway, CancellationToken cancellationToken)
    {
        var colon = gateway.LastIndexOf(':');
        if (colon <= 0 || !int.TryParse(gateway[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port is 0 or > 65535)
        {
            throw new StartupException($"the gateway must be HOST:PORT, is '{gateway}'");
        }

        try
        {
            var addresses = await Dns.GetHostAddressesAsync(gateway[..colon], AddressFamily.InterNetwork, cancellationToken);
            return new IPEndPoint(addresses[0], port);
        }
        catch (SocketException)
        {
            throw new StartupException($"the gateway's host '{gateway[..colon]}' is not known");
        }
    }
}
