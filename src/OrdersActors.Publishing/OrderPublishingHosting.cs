using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Messaging;
using Orleans.Streams;
using OrdersActors.Publishing.Gateways;
using OrdersActors.Publishing.Hubs;
using OrdersActors.Publishing.Streams;

namespace OrdersActors.Publishing;

/// <summary>Adds publishing to an application.</summary>
public static class OrderPublishingHosting
{
    /// <summary>The service id of all silos and clients. It is part of the contract and must not change.</summary>
    public const string ServiceId = "orders-actors";

    /// <summary>
    /// The interval at which a client refreshes its list of gateways to find silos that joined. It notices a silo that
    /// left when the connection breaks.
    /// </summary>
    private static readonly TimeSpan GatewayRefresh = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Adds the client's side of the stream provider <see cref="OrderStreams.ProviderName"/>. It sends the events of a
    /// stream to a silo, which appends them to the log. The client needs no database.
    /// </summary>
    public static IClientBuilder AddOrderStreams(this IClientBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.TryAddSingleton<ClientLifetime>();
        builder.Services.AddSingleton<ILifecycleParticipant<IClusterClientLifecycle>>(
            static services => services.GetRequiredService<ClientLifetime>());
        return builder.AddPersistentStreams(
            OrderStreams.ProviderName,
            static (services, name) => ActivatorUtilities.CreateInstance<WriterAdapterFactory>(services, name),
            static _ => { });
    }

    /// <summary>
    /// Connects the client to a cluster through the gateways of some of its silos, or better through a name that
    /// resolves to all of them. Names are resolved again every five seconds, so silos may be added and removed.
    /// Gateways that do not answer are excluded until they answer again. The client connects in the background, so the
    /// application starts even if the hub is down. It retries without limit, with a back-off of 0.5 to 5 s.
    /// </summary>
    /// <remarks>
    /// The host's start waits for the first attempt to connect, for at most one second. So if the hub runs, the client
    /// is usually connected when the application has started. If the hub is down, <see cref="IOrderStatusPublisher"/>
    /// waits for the connection. Other users of the client, such as grain calls and the plain stream, fail until it is
    /// connected.
    /// </remarks>
    /// <exception cref="ArgumentException">The list of gateways is empty.</exception>
    public static IClientBuilder UseOrderGateways(
        this IClientBuilder builder, string clusterId, params IReadOnlyList<GatewayAddress> gateways) =>
        builder.UseOrderGateways(clusterId, waitForHub: false, gateways);

    /// <summary>
    /// Does the same, and selects whether the application's start waits for the connection.
    /// </summary>
    /// <param name="builder">The client.</param>
    /// <param name="clusterId">The hub's cluster.</param>
    /// <param name="waitForHub">
    /// True if the host must start only when a gateway answers. Its start then fails if Orleans' retry filter gives up.
    /// </param>
    /// <param name="gateways">Some of the hub's gateways, or a name that resolves to all of them.</param>
    /// <exception cref="ArgumentException">The list of gateways is empty.</exception>
    public static IClientBuilder UseOrderGateways(
        this IClientBuilder builder, string clusterId, bool waitForHub,
        params IReadOnlyList<GatewayAddress> gateways)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(gateways);
        ArgumentOutOfRangeException.ThrowIfZero(gateways.Count, nameof(gateways));
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<IGatewayListProvider>(
            services => ActivatorUtilities.CreateInstance<NamedGateways>(services, gateways));
        if (!waitForHub)
        {
            BackgroundStart.Use(builder, OrderHub.Describe(clusterId, gateways));
        }

        return builder.UseOrderCluster(clusterId);
    }

    /// <summary>
    /// Selects the cluster for a client that does not find its gateways by
    /// <see cref="UseOrderGateways(IClientBuilder, string, IReadOnlyList{GatewayAddress})"/>, but by one of Orleans'
    /// own clustering providers.
    /// </summary>
    public static IClientBuilder UseOrderCluster(this IClientBuilder builder, string clusterId)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder
            .Configure<ClusterOptions>(cluster => (cluster.ClusterId, cluster.ServiceId) = (clusterId, ServiceId))
            .Configure<GatewayOptions>(gateway => gateway.GatewayListRefreshPeriod = GatewayRefresh);
    }

    /// <summary>
    /// Adds <see cref="IOrderStatusPublisher"/>. If <see cref="OrderStatusPublisherOptions.Gateways"/> is set, the
    /// publisher has its own Orleans client, which connects in the background while the application starts and runs.
    /// Otherwise it uses the application's own Orleans client (see <see cref="AddOrderStreams(IClientBuilder)"/>) or
    /// silo.
    /// </summary>
    public static IServiceCollection AddOrderStatusPublisher(
        this IServiceCollection services, Action<OrderStatusPublisherOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        AddPublisher(services, Options.DefaultName, configure);
        services.TryAddSingleton(
            provider => provider.GetRequiredKeyedService<IOrderStatusPublisher>(Options.DefaultName));
        return services;
    }

    /// <summary>
    /// Adds another <see cref="IOrderStatusPublisher"/> under a key, for an application that publishes to several hubs.
    /// It has its own Orleans client, so <see cref="OrderStatusPublisherOptions.Gateways"/> is required.
    /// </summary>
    /// <param name="services">The application's services.</param>
    /// <param name="name">The key, as in <c>[FromKeyedServices("hub-b")]</c>, and the name of the options.</param>
    /// <param name="configure">Sets the gateways, and the cluster id if it is not the default.</param>
    public static IServiceCollection AddOrderStatusPublisher(
        this IServiceCollection services, string name, Action<OrderStatusPublisherOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(configure);
        AddPublisher(services, name, configure).Validate(
            options => options.Gateways.Count > 0, $"The publisher '{name}' needs Gateways.");
        return services;
    }

    private static OptionsBuilder<OrderStatusPublisherOptions> AddPublisher(
        IServiceCollection services, string name, Action<OrderStatusPublisherOptions>? configure)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddKeyedSingleton(name, (provider, _) => CreateHub(provider, name));
        services.TryAddKeyedSingleton<IOrderStatusPublisher>(name, (provider, _) => new OrderStatusPublisher(
            provider.GetRequiredKeyedService<IOrderHub>(name),
            provider.GetRequiredService<IOptionsMonitor<OrderStatusPublisherOptions>>().Get(name),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<OrderStatusPublisher>>()));
        services.AddSingleton(new PublisherName(name));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, HubService>());
        return services.AddOptions<OrderStatusPublisherOptions>(name)
            .Configure(options => configure?.Invoke(options))
            .Validate(options => options.RetryFor >= TimeSpan.Zero && options.RetryFor <= TimeSpan.FromHours(1),
                "RetryFor must be 0 to 1 h.")
            .Validate(
                options => options.FirstPause >= TimeSpan.FromMilliseconds(1)
                    && options.FirstPause <= TimeSpan.FromMinutes(1),
                "FirstPause must be 1 ms to 1 min.")
            .Validate(
                options => options.GroupInterval >= TimeSpan.Zero
                    && options.GroupInterval <= TimeSpan.FromMilliseconds(100),
                "GroupInterval must be 0 to 100 ms.")
            .Validate(
                options => options.ClusterId is { Length: > 0 and <= 150 }, "ClusterId must have 1 to 150 characters.")
            .Validate(options => options.Tls?.FindProblem() is null, "Tls needs CertificateFile and AuthorityFile.")
            .ValidateOnStart();
    }

    private static IOrderHub CreateHub(IServiceProvider provider, string name)
    {
        var options = provider.GetRequiredService<IOptionsMonitor<OrderStatusPublisherOptions>>().Get(name);
        var time = provider.GetRequiredService<TimeProvider>();
        var stopping = provider.GetService<IHostApplicationLifetime>()?.ApplicationStopping ?? CancellationToken.None;
        if (options.Gateways.Count > 0)
        {
            return new OrderHub(options, time, provider.GetRequiredService<ILoggerFactory>(), stopping);
        }

        var streams = provider.GetKeyedService<IStreamProvider>(OrderStreams.ProviderName)
            ?? throw new InvalidOperationException(
                "The publisher has no hub: set Gateways in AddOrderStatusPublisher, or add the stream provider "
                + $"'{OrderStreams.ProviderName}' to the application's Orleans client (AddOrderStreams).");
        return new HostedStreams(
            streams, provider.GetService<ClientLifetime>(), provider.GetService<HubContact>(), time, stopping);
    }
}
