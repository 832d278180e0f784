using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using OrdersActors.FrontEnd.Authentication;
using OrdersActors.FrontEnd.Connections;
using OrdersActors.FrontEnd.Subscriptions;

namespace OrdersActors.FrontEnd;

/// <summary>Adds the front end to a server: in a silo, or in an Orleans client that only holds sockets.</summary>
public static class FrontEndHosting
{
    /// <summary>The services must hold an <see cref="IGrainFactory"/>. Settings: <see cref="FrontEndOptions"/>.</summary>
    public static IServiceCollection AddOrderFrontEnd(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddOptions<FrontEndOptions>()
            .BindConfiguration("OrdersActors:FrontEnd").ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<FeedReader>();
        services.AddSingleton<FrameDelivery>(static (subscription, frame) => subscription.OnEvent(frame));
        services.AddSingleton<FeedHub>();
        services.AddSingleton<Authenticator>();
        services.AddSingleton<ConnectionRegistry>();
        services.AddSingleton<ConnectionEndpoint>();
        services.AddHostedService<FeedMaintenance>();
        services.AddHostedService<ConnectionClock>();
        services.AddHostedService<KeyRevocationWatch>();
        services.AddHostedService<ConnectionShutdown>();
        return services;
    }

    /// <summary>Maps <c>GET /ws</c>.</summary>
    public static IEndpointConventionBuilder MapOrderWebSocket(this IEndpointRouteBuilder endpoints)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        var endpoint = endpoints.ServiceProvider.GetRequiredService<ConnectionEndpoint>();
        // CONNECT is how HTTP/2 asks for a WebSocket.
        return endpoints.MapMethods("/ws", [HttpMethods.Get, HttpMethods.Connect], endpoint.ServeAsync);
    }
}
