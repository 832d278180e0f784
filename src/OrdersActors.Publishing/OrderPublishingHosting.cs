using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans.Configuration;
using Orleans.Messaging;

namespace OrdersActors.Publishing;

/// <summary>Adds publishing to a service that is an Orleans client.</summary>
public static class OrderPublishingHosting
{
    /// <summary>The service id that all silos and clients share; part of the contract, and never another one.</summary>
    public const string ServiceId = "orders-actors";

    /// <summary>How soon a client hears of silos that joined; those that left it notices by itself.</summary>
    private static readonly TimeSpan GatewayRefresh = TimeSpan.FromSeconds(5);

    /// <summary>
    /// The client's side of the stream provider <see cref="OrderStreams.ProviderName"/>: what is put on a stream is sent to a silo,
    /// which appends it to the log; the client needs no database.
    /// </summary>
    public static IClientBuilder AddOrderStreams(this IClientBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddPersistentStreams(
            OrderStreams.ProviderName,
            static (services, name) => ActivatorUtilities.CreateInstance<WriterAdapterFactory>(services, name),
            static _ => { });
    }

    /// <summary>
    /// Where the cluster is: the gateways of some of its silos, best a name that stands for all of them. It is looked up again every
    /// five seconds, so silos may come and go, and those that do not answer are left out until they do.
    /// </summary>
    /// <exception cref="ArgumentException">No gateway is given.</exception>
    public static IClientBuilder UseOrderGateways(
        this IClientBuilder builder, string clusterId, params IReadOnlyList<GatewayAddress> gateways)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(gateways);
        ArgumentOutOfRangeException.ThrowIfZero(gateways.Count, nameof(gateways));
        builder.Services.AddSingleton<IGatewayListProvider>(
            services => ActivatorUtilities.CreateInstance<NamedGateways>(services, gateways));
        return builder.UseOrderCluster(clusterId);
    }

    /// <summary>
    /// Which cluster it is, for a client that finds the gateways in another way than <see cref="UseOrderGateways"/>: one of Orleans' own.
    /// </summary>
    public static IClientBuilder UseOrderCluster(this IClientBuilder builder, string clusterId)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder
            .Configure<ClusterOptions>(cluster => (cluster.ClusterId, cluster.ServiceId) = (clusterId, ServiceId))
            .Configure<GatewayOptions>(gateway => gateway.GatewayListRefreshPeriod = GatewayRefresh);
    }

    /// <summary>
    /// Adds <see cref="IOrderStatusPublisher"/>. The service must have the stream provider: by
    /// <see cref="AddOrderStreams(IClientBuilder)"/> in a client; a silo of the cluster has it.
    /// </summary>
    public static IServiceCollection AddOrderStatusPublisher(
        this IServiceCollection services, Action<OrderStatusPublisherOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddOptions<OrderStatusPublisherOptions>()
            .Configure(options => configure?.Invoke(options))
            .Validate(options => options.RetryFor >= TimeSpan.Zero && options.RetryFor <= TimeSpan.FromHours(1),
                "RetryFor must be 0 to 1 h.")
            .Validate(options => options.FirstPause >= TimeSpan.FromMilliseconds(1) && options.FirstPause <= TimeSpan.FromMinutes(1),
                "FirstPause must be 1 ms to 1 min.")
            .ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<IOrderStatusPublisher, OrderStatusPublisher>();
        return services;
    }
}
