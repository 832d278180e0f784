using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using OrdersActors.Http.Authentication;
using OrdersActors.Http.Problems;

namespace OrdersActors.Http;

/// <summary>Adds the HTTP API to a server that has the front end: publishing, reading, server-sent events.</summary>
public static class OrderHttpHosting
{
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
        services.AddSingleton<IRequestAuthenticator, RequestAuthenticator>();
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
