using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using OrdersActors.FrontEnd.Authentication;
using OrdersActors.FrontEnd.Connections;
using OrdersActors.FrontEnd.Connections.Admission;
using OrdersActors.FrontEnd.Subscriptions;

namespace OrdersActors.FrontEnd;

/// <summary>Adds the front end to a server: in a silo, or in an Orleans client that only holds sockets.</summary>
/// <remarks>
/// <para>The order of things, so that no event falls between what is read and what comes live:</para>
/// <list type="bullet">
/// <item><b>Start.</b> The silo, or the cluster's client, first and the web server last: whoever connects finds the grains.</item>
/// <item><b>A feed begins</b> by registering with its grain, which answers with the number of the newest event. What arrives
/// before that answer is only noted as seen; then everything past the answer is passed on, and read from the log
/// where it had come too early (<see cref="Feed"/>).</item>
/// <item><b>A subscription begins</b> under its feed's lock: its confirmation is queued, and from then on everything past its
/// number is due. What has to be read is read while live events wait, as numbers and not in memory; under the same lock it
/// goes live (<see cref="CatchUp"/>).</item>
/// <item><b>A feed ends</b> a while after its last subscription, and unregisters from its grain before the next one for
/// the same order may register (<see cref="FeedHub"/>).</item>
/// <item><b>The log's history is rewritten</b> (a restore, a failover that lost commits): all feeds, pages and
/// observers are discarded, and all clients are closed with 1012 (<see cref="FeedHistory"/>).</item>
/// <item><b>Stop.</b> Readiness goes, new connections are refused, and each client is sent what is queued, an error and 1001
/// (<see cref="ConnectionShutdown"/>); the web server and the silo end after that. The client resumes elsewhere after
/// the last number it has; whatever was acknowledged is in the log.</item>
/// <item><b>Death.</b> The same without the goodbye: leases run out, and clients resume.</item>
/// </list>
/// </remarks>
public static class FrontEndHosting
{
    /// <summary>The tag of health checks that decide whether a server is ready.</summary>
    public const string ReadinessTag = "ready";

    /// <summary>The services must hold an <see cref="IGrainFactory"/>. Settings: <see cref="FrontEndOptions"/>.</summary>
    public static IServiceCollection AddOrderFrontEnd(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddOptions<FrontEndOptions>()
            .BindConfiguration("OrdersActors:FrontEnd").ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<FrontEndTurns>();
        services.AddSingleton<FeedReader>();
        services.AddSingleton<FrameDelivery>(static (subscription, frame) => subscription.OnEvent(frame));
        services.AddSingleton<FeedHub>();
        services.AddSingleton<Authenticator>();
        services.AddSingleton<IValidateOptions<FrontEndOptions>, FrontEndOptionsCheck>();
        services.AddSingleton<FailedConnectBudgets>();
        services.AddSingleton<ConnectionRegistry>();
        services.AddSingleton<ConnectionAdmission>();
        services.AddTransient<IStartupFilter, ForwardedAddresses>();
        services.AddSingleton<ConnectionEndpoint>();
        services.AddHostedService<FeedMaintenance>();
        services.AddHostedService<SiloWatch>();
        services.AddSingleton<ClusterContact>();
        services.AddHostedService(static services => services.GetRequiredService<ClusterContact>());
        services.AddHealthChecks().AddCheck<ClusterHealthCheck>("cluster", tags: [ReadinessTag]);
        services.AddHostedService<RewrittenHistory>();
        services.AddHostedService<EpochWatch>();
        services.AddHostedService<ConnectionClock>();
        services.AddHostedService<KeyRevocationWatch>();
        services.AddHostedService<ConnectionShutdown>();
        return services;
    }

    /// <summary>Maps <c>GET /ws</c>.</summary>
    public static IEndpointConventionBuilder MapOrderWebSocket(this IEndpointRouteBuilder endpoints)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        var services = endpoints.ServiceProvider;
        // The host creates Kestrel before the settings are validated, so Kestrel's own configuration must not read them.
        services.GetRequiredService<IOptions<KestrelServerOptions>>().Value.Limits.RequestHeadersTimeout =
            services.GetRequiredService<IOptions<FrontEndOptions>>().Value.AuthenticationDeadline;
        var endpoint = services.GetRequiredService<ConnectionEndpoint>();
        // CONNECT is how HTTP/2 asks for a WebSocket.
        return endpoints.MapMethods("/ws", [HttpMethods.Get, HttpMethods.Connect], endpoint.ServeAsync);
    }
}
