using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace OrdersActors.Publishing;

/// <summary>Adds publishing to a service that is an Orleans client.</summary>
public static class OrderPublishingHosting
{
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
