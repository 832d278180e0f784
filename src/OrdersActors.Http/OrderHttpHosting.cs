using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrdersActors.Http.Authentication;
using OrdersActors.Http.Limits;
using OrdersActors.Http.Problems;
using OrdersActors.Http.Publishing;
using OrdersActors.Publishing;
using OrdersActors.Publishing.Hubs;

namespace OrdersActors.Http;

/// <summary>Adds the HTTP API to a server that has the front end: publishing, reading, server-sent events.</summary>
public static class OrderHttpHosting
{
    /// <summary>The key of the publisher that retries only as long as a client of HTTP waits.</summary>
    internal const string PublisherKey = "OrdersActors.Http";

    /// <summary>
    /// Adds the services of the HTTP API. They require those of the front end and the publisher without a key, whose
    /// connection to the cluster they use. Settings: <see cref="HttpOptions"/>.
    /// </summary>
    public static IServiceCollection AddOrderHttp(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddOptions<HttpOptions>()
            .BindConfiguration("OrdersActors:Http").ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<IValidateOptions<HttpOptions>, HttpOptionsCheck>();
        services.AddSingleton<ProblemMiddleware>();
        services.AddTransient<IStartupFilter>(static provider => provider.GetRequiredService<ProblemMiddleware>());
        services.AddSingleton<AuthenticationCache>();
        services.AddSingleton<IRequestAuthenticator, RequestAuthenticator>();
        services.AddSingleton<RequestGate>();
        services.AddKeyedSingleton<IOrderStatusPublisher>(PublisherKey, (provider, _) => CreatePublisher(provider));
        services.AddSingleton<EventPublisher>();
        services.AddSingleton<PublishEndpoint>();
        return services;
    }

    /// <summary>Maps <c>/v1</c>.</summary>
    public static IEndpointRouteBuilder MapOrderHttp(this IEndpointRouteBuilder endpoints)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        var api = endpoints.MapGroup("/v1");
        endpoints.ServiceProvider.GetRequiredService<ProblemMiddleware>().Guard(api);
        var publish = endpoints.ServiceProvider.GetRequiredService<PublishEndpoint>();
        api.MapPost("/events", publish.ServeAsync).WithName("publishEvents");
        return endpoints;
    }

    private static OrderStatusPublisher CreatePublisher(IServiceProvider provider) => new(
        provider.GetRequiredKeyedService<IOrderHub>(Options.DefaultName),
        new OrderStatusPublisherOptions
        {
            RetryFor = provider.GetRequiredService<IOptions<HttpOptions>>().Value.PublishRetryTime,
        },
        provider.GetRequiredService<TimeProvider>(),
        provider.GetRequiredService<ILogger<OrderStatusPublisher>>());
}
