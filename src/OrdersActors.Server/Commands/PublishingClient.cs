using System.Globalization;
using System.Net;
using System.Net.Sockets;
using OrdersActors.Publishing;
using OrdersActors.Server.Hosting;
using Orleans.Configuration;
using Orleans.Runtime.Messaging;

namespace OrdersActors.Server.Commands;

/// <summary>A publishing service's Orleans client, for the time of one command.</summary>
internal sealed class PublishingClient : IAsyncDisposable
{
    private readonly IHost _host;

    private PublishingClient(IHost host) => _host = host;

    public IOrderStatusPublisher Publisher => _host.Services.GetRequiredService<IOrderStatusPublisher>();

    /// <summary>Connects to a gateway.</summary>
    /// <exception cref="StartupException">No server answers there, or the address is not one.</exception>
    public static async Task<PublishingClient> ConnectAsync(string? gateway, TimeSpan retryFor, CancellationToken cancellationToken)
    {
        var options = ServerOptions.Read(ServerConfiguration.Build());
        var endpoint = gateway is null ? options.Gateway : await ResolveAsync(gateway, cancellationToken);
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.UseOrleansClient(client => client
            .UseStaticClustering(endpoint)
            .Configure<ClusterOptions>(cluster => (cluster.ClusterId, cluster.ServiceId) = (options.ClusterId, ServerOptions.ServiceId))
            .AddOrderStreams());
        builder.Services.AddOrderStatusPublisher(publishing => publishing.RetryFor = retryFor);
        var host = builder.Build();
        try
        {
            await ProbeAsync(endpoint, cancellationToken);
            await host.StartAsync(cancellationToken);
            return new PublishingClient(host);
        }
        catch (Exception e) when (e is SocketException or ConnectionFailedException or OrleansException or TimeoutException)
        {
            host.Dispose();
            throw new StartupException($"no server answers at {endpoint} (cluster {options.ClusterId}); is one running?");
        }
    }

    /// <summary>An event as it is stored.</summary>
    public async Task<OrderEvent> FindAsync(string organizationId, string eventId) =>
        await _host.Services.GetRequiredService<IGrainFactory>().GetGrain<IEventWriterGrain>(0).Find(organizationId, eventId)
        ?? throw new StartupException("the event was acknowledged, but the server does not show it");

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
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
