using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace OrdersActors.Client;

/// <summary>Adds clients to an application.</summary>
public static class OrdersClientHosting
{
    /// <summary>
    /// Adds <see cref="IOrdersClient"/> as a singleton. It connects with the first watch, and closes when the
    /// application's services are disposed. Wrong options are reported at the application's start.
    /// </summary>
    public static IServiceCollection AddOrdersClient(
        this IServiceCollection services, Action<OrdersClientOptions> configure)
    {
        Add(services, Options.DefaultName, configure);
        services.TryAddSingleton(provider => provider.GetRequiredKeyedService<IOrdersClient>(Options.DefaultName));
        return services;
    }

    /// <summary>
    /// Adds another client under a key, for an application that uses several servers, API keys or users.
    /// </summary>
    /// <param name="services">The application's services.</param>
    /// <param name="name">The key, as in <c>[FromKeyedServices("shop-b")]</c>, and the name of the options.</param>
    /// <param name="configure">Sets the options.</param>
    public static IServiceCollection AddOrdersClient(
        this IServiceCollection services, string name, Action<OrdersClientOptions> configure)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        Add(services, name, configure);
        return services;
    }

    private static void Add(IServiceCollection services, string name, Action<OrdersClientOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddEnumerable(
            ServiceDescriptor.Singleton<IValidateOptions<OrdersClientOptions>, OrdersClientOptionsCheck>());
        services.AddOptions<OrdersClientOptions>(name).Configure(configure).ValidateOnStart();
        services.TryAddKeyedSingleton<IOrdersClient>(name, (provider, _) => new OrdersClient(
            provider.GetRequiredService<IOptionsMonitor<OrdersClientOptions>>().Get(name),
            provider.GetService<ILogger<OrdersClient>>(),
            provider.GetRequiredService<TimeProvider>()));
    }
}
