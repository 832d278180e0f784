using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;
using OrdersActors.Publishing;

namespace OrdersActors.TestServer;

/// <summary>
/// An internal service, written as its developers would write it: an Orleans client with the publishing library.
/// </summary>
public sealed class PublishingService : IAsyncDisposable
{
    /// <summary>The name of a cluster with default settings.</summary>
    public const string DefaultName = "orders-actors";

    private readonly IHost _host;

    private PublishingService(IHost host) => _host = host;

    /// <summary>The library's publisher.</summary>
    public IOrderStatusPublisher Publisher => _host.Services.GetRequiredService<IOrderStatusPublisher>();

    /// <summary>The cluster's grains, for services that do not use the library.</summary>
    public IGrainFactory Grains => _host.Services.GetRequiredService<IGrainFactory>();

    /// <summary>Connects to a server's gateway.</summary>
    public static Task<PublishingService> ConnectAsync(
        int gatewayPort, Action<IServiceCollection>? configure = null, OrderTlsOptions? tls = null) =>
        ConnectAsync([new IPEndPoint(IPAddress.Loopback, gatewayPort)], DefaultName, configure, tls);

    /// <summary>Connects to a server's gateway that may refuse it; the caller cancels the attempt.</summary>
    public static Task<PublishingService> TryConnectAsync(
        int gatewayPort, OrderTlsOptions? tls, CancellationToken cancellationToken) =>
        StartAsync([new IPEndPoint(IPAddress.Loopback, gatewayPort)], DefaultName, null, tls, cancellationToken);

    /// <summary>
    /// Connects to a cluster. It knows several gateways, so it can publish after one of them has ended.
    /// </summary>
    public static Task<PublishingService> ConnectAsync(
        IEnumerable<IPEndPoint> gateways, string clusterId, Action<IServiceCollection>? configure = null,
        OrderTlsOptions? tls = null) =>
        StartAsync(gateways, clusterId, configure, tls, CancellationToken.None);

    private static async Task<PublishingService> StartAsync(
        IEnumerable<IPEndPoint> gateways, string clusterId, Action<IServiceCollection>? configure,
        OrderTlsOptions? tls, CancellationToken cancellationToken)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.UseOrleansClient(client =>
        {
            client.UseStaticClustering([.. gateways])
                .Configure<ClusterOptions>(cluster => (cluster.ClusterId, cluster.ServiceId) = (clusterId, DefaultName))
                .AddOrderStreams();
            if (tls is not null)
            {
                client.UseOrderTls(tls);
            }
        });
        builder.Services.AddOrderStatusPublisher();
        configure?.Invoke(builder.Services);
        var host = builder.Build();
        try
        {
            await host.StartAsync(cancellationToken);
            return new PublishingService(host);
        }
        catch
        {
            host.Dispose();
            throw;
        }
    }

    /// <summary>Publishes one event.</summary>
    /// <param name="organization">The organization.</param>
    /// <param name="order">The order's id.</param>
    /// <param name="status">The new status.</param>
    /// <param name="details">The details, or none.</param>
    /// <param name="id">The event's id, or a new one.</param>
    public Task PublishAsync(
        string organization, string order, string status, string? details = null, string? id = null) =>
        Publisher.PublishAsync(organization, new OrderStatusEvent
        {
            OrderId = order,
            Status = status,
            Details = details,
            Id = id ?? OrderStatusEvent.NewId(),
        });

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }
}
