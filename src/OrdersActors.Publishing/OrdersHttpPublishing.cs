using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrdersActors.Publishing.Http;

namespace OrdersActors.Publishing;

/// <summary>Adds publishing over HTTP to an application. It needs no Orleans client and no port of a silo.</summary>
public static class OrdersHttpPublishing
{
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(2);

    /// <summary>Adds <see cref="IOrderStatusPublisher"/> over HTTP.</summary>
    /// <param name="services">The application's services.</param>
    /// <param name="baseAddress">See <see cref="OrdersHttpPublisherOptions.BaseAddress"/>.</param>
    /// <param name="apiKey">See <see cref="OrdersHttpPublisherOptions.ApiKey"/>.</param>
    /// <param name="apiSecret">See <see cref="OrdersHttpPublisherOptions.ApiSecret"/>.</param>
    /// <param name="configure">Sets further options; null for none.</param>
    public static IServiceCollection AddOrdersHttpPublisher(
        this IServiceCollection services, Uri baseAddress, string apiKey, string apiSecret,
        Action<OrdersHttpPublisherOptions>? configure = null)
    {
        Add(services, Options.DefaultName, options =>
        {
            (options.BaseAddress, options.ApiKey, options.ApiSecret) = (baseAddress, apiKey, apiSecret);
            configure?.Invoke(options);
        });
        services.TryAddSingleton(
            provider => provider.GetRequiredKeyedService<IOrderStatusPublisher>(Options.DefaultName));
        return services;
    }

    /// <summary>
    /// Adds another <see cref="IOrderStatusPublisher"/> over HTTP under a key. A key of the API belongs to one
    /// organization, so an application that publishes for several ones has a publisher for each.
    /// </summary>
    /// <param name="services">The application's services.</param>
    /// <param name="name">The key, as in <c>[FromKeyedServices("shop-b")]</c>, and the name of the options.</param>
    /// <param name="configure">Sets the options.</param>
    public static IServiceCollection AddOrdersHttpPublisher(
        this IServiceCollection services, string name, Action<OrdersHttpPublisherOptions> configure)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(configure);
        Add(services, name, configure);
        return services;
    }

    private static void Add(IServiceCollection services, string name, Action<OrdersHttpPublisherOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddSingleton(TimeProvider.System);
        services.AddOptions<OrdersHttpPublisherOptions>(name).Configure(configure).ValidateOnStart();
        services.TryAddEnumerable(
            ServiceDescriptor.Singleton<IValidateOptions<OrdersHttpPublisherOptions>, OptionsCheck>());
        // The container disposes it, and with it the connections.
        services.TryAddKeyedSingleton(name, (provider, _) => CreateEndpoint(provider, OptionsOf(provider, name)));
        services.TryAddKeyedSingleton<IOrderStatusPublisher>(name, (provider, _) => Create(provider, name));
    }

    private static OrdersHttpPublisherOptions OptionsOf(IServiceProvider provider, string name) =>
        provider.GetRequiredService<IOptionsMonitor<OrdersHttpPublisherOptions>>().Get(name);

    private static HttpOrderStatusPublisher Create(IServiceProvider provider, string name)
    {
        var options = OptionsOf(provider, name);
        return new HttpOrderStatusPublisher(
            provider.GetRequiredKeyedService<EventsEndpoint>(name),
            new PublishRetry(
                options.RetryFor, options.FirstPause, provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<ILogger<HttpOrderStatusPublisher>>(),
                provider.GetService<IHostApplicationLifetime>()?.ApplicationStopping ?? CancellationToken.None));
    }

    private static EventsEndpoint CreateEndpoint(IServiceProvider provider, OrdersHttpPublisherOptions options)
    {
        // The name is resolved again with each new connection.
        var handler = options.CreateHandler?.Invoke()
            ?? new SocketsHttpHandler { PooledConnectionLifetime = ConnectionLifetime, AllowAutoRedirect = false };
        return new EventsEndpoint(
            // Each attempt has its own timeout.
            new HttpClient(handler, disposeHandler: true) { Timeout = Timeout.InfiniteTimeSpan },
            new Uri(options.BaseAddress!.AbsoluteUri.TrimEnd('/') + "/v1/events"),
            EventsEndpoint.Basic(options.ApiKey, options.ApiSecret), provider.GetRequiredService<TimeProvider>());
    }

    private sealed class OptionsCheck : IValidateOptions<OrdersHttpPublisherOptions>
    {
        public ValidateOptionsResult Validate(string? name, OrdersHttpPublisherOptions options) =>
            options.Problems().ToArray() is { Length: > 0 } problems
                ? ValidateOptionsResult.Fail(problems)
                : ValidateOptionsResult.Success;
    }
}
