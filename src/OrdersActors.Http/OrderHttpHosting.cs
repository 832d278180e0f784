using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrdersActors.FrontEnd.Limits;
using OrdersActors.Http.AsyncApi;
using OrdersActors.Http.Authentication;
using OrdersActors.Http.Endpoints;
using OrdersActors.Http.Limits;
using OrdersActors.Http.OpenApi;
using OrdersActors.Http.Origins;
using OrdersActors.Http.Problems;
using OrdersActors.Http.Publishing;
using OrdersActors.Http.Reading;
using OrdersActors.Http.Streams;
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
        // Its headers are also in the answers of the next one.
        services.AddTransient<IStartupFilter, CrossOrigin>();
        services.AddSingleton<ProblemMiddleware>();
        services.AddTransient<IStartupFilter>(static provider => provider.GetRequiredService<ProblemMiddleware>());
        services.AddSingleton<AuthenticationCache>();
        services.AddSingleton<RequestAuthenticator>();
        services.AddSingleton<IRequestAuthenticator>(static provider => new OriginCheck(
            provider.GetRequiredService<RequestAuthenticator>(), provider.GetRequiredService<AllowedOrigins>()));
        services.AddSingleton<RequestGate>();
        services.AddSingleton<PublishQuota>();
        services.AddKeyedSingleton<IOrderStatusPublisher>(PublisherKey, (provider, _) => CreatePublisher(provider));
        services.AddSingleton<EventPublisher>();
        services.AddSingleton<PublishEndpoint>();
        MetricZeros.Register(HttpMetrics.CountZeros);
        MetricZeros.Register(StreamMetrics.CountZeros);
        services.AddReading();
        services.AddApiDescription();
        return services;
    }

    /// <summary>
    /// Maps <c>/v1</c>, and the descriptions for tools: <c>/openapi/v1.json</c> of <c>/v1</c>, and
    /// <c>/asyncapi.json</c> of <c>/ws</c>.
    /// </summary>
    public static IEndpointRouteBuilder MapOrderHttp(this IEndpointRouteBuilder endpoints)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        var api = endpoints.MapGroup("/v1");
        endpoints.ServiceProvider.GetRequiredService<ProblemMiddleware>().Guard(api);
        var publish = endpoints.ServiceProvider.GetRequiredService<PublishEndpoint>();
        api.MapPost("/events", publish.ServeAsync).WithName("publishEvents")
            .Describe(publish.ServeAsync, PublishOperation.Describe);
        api.MapReading();
        endpoints.MapApiDescription();
        endpoints.MapAsyncApi();
        return endpoints;
    }

    private static void AddReading(this IServiceCollection services)
    {
        services.AddSingleton<FeedAccess>();
        services.AddSingleton<LogReader>();
        services.AddSingleton<EventPageReader>();
        services.AddSingleton<ReadSlots>();
        services.AddSingleton<EventStreamEndpoint>();
        services.AddSingleton<ReadingEndpoints>();
    }

    private static void MapReading(this IEndpointRouteBuilder api)
    {
        string[] methods = [HttpMethods.Get, HttpMethods.Head];
        var reading = api.ServiceProvider.GetRequiredService<ReadingEndpoints>();
        api.MapMethods("/orders/{order_id}", methods, reading.ServeNewestAsync).WithName("getOrder")
            .Describe(reading.ServeNewestAsync, ReadOperations.DescribeNewest);
        api.MapMethods("/orders/{order_id}/events", methods, reading.ServeOrderAsync).WithName("getOrderEvents")
            .Describe(reading.ServeOrderAsync, ReadOperations.DescribeOrder);
        api.MapMethods("/events", methods, reading.ServeOrganizationAsync).WithName("getEvents")
            .Describe(reading.ServeOrganizationAsync, ReadOperations.DescribeOrganization);
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
