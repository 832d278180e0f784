using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace OrdersActors.Http;

/// <summary>Adds the HTTP API to a server that has the front end: publishing, reading, server-sent events.</summary>
public static class OrderHttpHosting
{
    /// <summary>Adds the services of the HTTP API.</summary>
    public static IServiceCollection AddOrderHttp(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        return services;
    }

    /// <summary>Maps <c>/v1</c>.</summary>
    public static IEndpointRouteBuilder MapOrderHttp(this IEndpointRouteBuilder endpoints)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        var api = endpoints.MapGroup("/v1");
        _ = api;
        return endpoints;
    }
}
