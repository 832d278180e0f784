using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using OrdersActors.FrontEnd.Limits;
using OrdersActors.Http.Authentication;
using OrdersActors.Http.Origins;
using OrdersActors.Http.Problems;
using OrdersActors.Http.Reading;
using OrdersActors.Http.Streams;

namespace OrdersActors.Http;

/// <summary>Adds the HTTP API to a server that has the front end: publishing, reading, server-sent events.</summary>
public static class OrderHttpHosting
{
    private static readonly string[] ReadMethods = [HttpMethods.Get, HttpMethods.Head];

    /// <summary>
    /// Adds the services of the HTTP API. They require those of the front end. Settings: <see cref="HttpOptions"/>.
    /// </summary>
    public static IServiceCollection AddOrderHttp(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddOptions<HttpOptions>()
            .BindConfiguration("OrdersActors:Http").ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<IValidateOptions<HttpOptions>, HttpOptionsCheck>();
        services.AddTransient<IStartupFilter, ProblemMiddleware>();
        services.AddSingleton<AuthenticationCache>();
        services.AddSingleton<RequestAuthenticator>();
        services.AddSingleton<IRequestAuthenticator>(static services => new OriginCheck(
            services.GetRequiredService<RequestAuthenticator>(), services.GetRequiredService<AllowedOrigins>()));
        services.AddTransient<IStartupFilter, CrossOrigin>();
        AddReading(services);
        return services;
    }

    /// <summary>Maps <c>/v1</c>.</summary>
    public static IEndpointRouteBuilder MapOrderHttp(this IEndpointRouteBuilder endpoints)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        var api = endpoints.MapGroup("/v1");
        MapReading(api);
        return endpoints;
    }

    private static void AddReading(IServiceCollection services)
    {
        services.AddSingleton<FeedAccess>();
        services.AddSingleton<LogReader>();
        services.AddSingleton<EventPageReader>();
        services.AddSingleton<ReadSlots>();
        services.AddSingleton<EventStreamEndpoint>();
        services.AddSingleton<ReadingEndpoints>();
    }

    private static void MapReading(RouteGroupBuilder api)
    {
        var reading = ((IEndpointRouteBuilder)api).ServiceProvider.GetRequiredService<ReadingEndpoints>();
        api.MapMethods("/orders/{order_id}", ReadMethods, reading.ServeNewestAsync).WithName("getOrder");
        api.MapMethods("/orders/{order_id}/events", ReadMethods, reading.ServeOrderAsync).WithName("getOrderEvents");
        api.MapMethods("/events", ReadMethods, reading.ServeOrganizationAsync).WithName("getEvents");
    }
}
