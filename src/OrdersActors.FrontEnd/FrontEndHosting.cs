using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using OrdersActors.FrontEnd.Feeds;
using OrdersActors.FrontEnd.Limits;
using OrdersActors.FrontEnd.Sessions;
using OrdersActors.FrontEnd.Sessions.Authentication;
using OrdersActors.FrontEnd.Subscriptions;
using OrdersActors.FrontEnd.Transport;

namespace OrdersActors.FrontEnd;

/// <summary>Adds the front end to a server: to a silo, or to an Orleans client that only holds sockets.</summary>
/// <remarks>
/// <para>The stages below are ordered so that no event falls between the events read from the log and the live
/// events:</para>
/// <list type="bullet">
/// <item><b>Start.</b> The silo, or the cluster client, starts first and the web server last, so that clients that
/// connect find the grains.</item>
/// <item><b>A feed begins</b> by registering with its grain, which answers with the number of the newest event. Of the
/// events that arrive before the answer, the feed keeps only the highest number. Then it passes on every event after
/// the answered number. It reads events that arrived too early from the log (<see cref="Feed"/>).</item>
/// <item><b>A subscription begins</b> under the lock of its group of listeners (<see cref="ListenerGroup"/>): its
/// confirmation is queued, and from then on every event after its number is due. While the subscription reads past
/// events, it does not store live events, because it reads them from the log too. It goes live under the same lock
/// (<see cref="CatchUp"/>).</item>
/// <item><b>A feed ends</b> a while after its last subscription, or when its grain denies to renew its registration.
/// Then its connections are closed with 1012. It unregisters from its grain before the next feed with the same key may
/// register (<see cref="FeedTable"/>).</item>
/// <item><b>The log's history is rewritten</b> (a restore, or a failover that lost commits). All feeds, pages and
/// observers are discarded, and all clients are closed with 1012 (<see cref="FeedHistory"/>).</item>
/// <item><b>Stop.</b> Readiness fails, and after the drain delay new connections are refused. Each client gets its
/// queued frames, an error and a close frame (<see cref="ConnectionShutdown"/>). The web server and the silo stop after
/// that. The client resumes on another server after its last number; the log has every acknowledged event.</item>
/// <item><b>Crash.</b> The same without errors and close frames: leases expire, and clients reconnect and
/// resume.</item>
/// </list>
/// <para>The locks on the path of an event are taken in one order, and none is held across an await:</para>
/// <list type="number">
/// <item>the lock of a feed's <see cref="GapReader"/>;</item>
/// <item>the feed's lock, in <see cref="FeedFanOut"/>;</item>
/// <item>the lock of a group of the feed's listeners, in <see cref="ListenerGroup"/>;</item>
/// <item>the connection's lock, in <see cref="ConnectionSubscriptions"/>; <see cref="DeliveryRules"/> and
/// <see cref="CatchUp"/> share it;</item>
/// <item>the lock of the connection's outbound queue.</item>
/// </list>
/// <para>A feed's registration makes its grain calls one at a time. Its semaphore is held across these awaits, and the
/// feed's lock is taken while it is held, never the other way round. All other locks are leaves: no lock is taken while
/// they are held.</para>
/// </remarks>
public static class FrontEndHosting
{
    // The most that the web server reads from a Unix socket before its bytes are used. By default it is 1 MiB, so that
    // a client that sends faster than it is served costs that much memory. Of a TCP connection, nothing is read ahead.
    private const int ReadAheadBytes = 32 * 1024;

    /// <summary>The tag of health checks that decide whether a server is ready.</summary>
    public const string ReadinessTag = "ready";

    /// <summary>
    /// Adds the front end's services. They require an <see cref="IGrainFactory"/>. Settings:
    /// <see cref="FrontEndOptions"/>.
    /// </summary>
    public static IServiceCollection AddOrderFrontEnd(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddOptions<FrontEndOptions>()
            .BindConfiguration("OrdersActors:FrontEnd").Configure<IConfiguration>(OriginSettings.Read)
            .ValidateDataAnnotations().ValidateOnStart();
        services.Configure<SocketTransportOptions>(ConfigureSockets);
        services.AddSingleton<IConnectionListenerFactory, SocketListenerFactory>();
        services.Configure<KestrelServerOptions>(
            static kestrel => kestrel.ConfigureEndpointDefaults(static listen => listen.UseOrderConnections()));
        services.AddSingleton<FrontEndLimiters>();
        services.AddSingleton<FeedReader>();
        services.TryAddSingleton<LocalObservers>();
        services.AddSingleton<FeedHub>();
        services.AddSingleton<Authenticator>();
        services.AddSingleton<IValidateOptions<FrontEndOptions>, FrontEndOptionsCheck>();
        services.AddSingleton<FailedConnectBudgets>();
        services.AddSingleton<DeniedSubscribeBudgets>();
        services.AddSingleton<GuessAlarm>();
        services.AddSingleton<GuessLimits>();
        services.AddSingleton<ConnectionRegistry>();
        services.AddSingleton<IHistoryListener>(static services => services.GetRequiredService<ConnectionRegistry>());
        services.AddSingleton<ConnectionAdmission>();
        services.AddSingleton<AllowedOrigins>();
        services.AddTransient<IStartupFilter, ForwardedAddresses>();
        services.AddSingleton<ConnectionEndpoint>();
        services.AddSingleton<ConnectionGauges>();
        MetricZeros.Register(ConnectionMetrics.CountZeros);
        MetricZeros.Register(GuessAlarm.CountZeros);
        MetricZeros.Register(FeedMetrics.CountZeros);
        MetricZeros.Register(SubscriptionMetrics.CountZeros);
        services.AddHostedService<FeedMaintenance>();
        services.AddHostedService<SiloWatch>();
        services.AddSingleton<ClusterContact>();
        services.AddHostedService(static services => services.GetRequiredService<ClusterContact>());
        services.AddHealthChecks().AddCheck<ClusterHealthCheck>("cluster", tags: [ReadinessTag]);
        services.AddHostedService<EpochWatch>();
        services.AddHostedService<ConnectionClock>();
        services.AddHostedService<QueueGuard>();
        services.AddHostedService<KeyRevocationWatch>();
        services.AddSingleton<RecentCloses>();
        services.AddHostedService<OperatorAccess>();
        services.AddHostedService<ConnectionShutdown>();
        return services;
    }

    /// <summary>
    /// Lets the requests of an endpoint notice within a second that their client has left.
    /// <see cref="AddOrderFrontEnd"/> does this for all endpoints. An application that sets its own defaults for
    /// endpoints replaces this, and should call this method in them.
    /// </summary>
    public static ListenOptions UseOrderConnections(this ListenOptions listen)
    {
        ArgumentNullException.ThrowIfNull(listen);
        listen.Use(static http => connection =>
        {
            (connection as SocketConnection)?.Watch();
            return http(connection);
        });
        return listen;
    }

    /// <summary>Maps <c>GET /ws</c>.</summary>
    public static IEndpointConventionBuilder MapOrderWebSocket(this IEndpointRouteBuilder endpoints)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        var services = endpoints.ServiceProvider;
        // The host creates Kestrel before it validates the settings, so Kestrel's own configuration must not read them.
        var options = services.GetRequiredService<IOptions<FrontEndOptions>>().Value;
        var limits = services.GetRequiredService<IOptions<KestrelServerOptions>>().Value.Limits;
        limits.RequestHeadersTimeout = options.AuthenticationDeadline;
        // Kestrel stops counting a connection when it is upgraded to a WebSocket.
        limits.MaxConcurrentConnections = options.MaxHttpConnections > 0 ? options.MaxHttpConnections : null;
        // Its instruments exist as long as the services.
        services.GetRequiredService<ConnectionGauges>();
        var endpoint = services.GetRequiredService<ConnectionEndpoint>();
        // HTTP/2 opens a WebSocket with CONNECT.
        return endpoints.MapMethods("/ws", [HttpMethods.Get, HttpMethods.Connect], endpoint.ServeAsync);
    }

    // For Unix sockets. SocketListener obeys the other options too.
    private static void ConfigureSockets(SocketTransportOptions sockets)
    {
        // A write ends when its bytes have been sent, so no unsent bytes wait in the web server.
        sockets.MaxWriteBufferSize = 1;
        sockets.MaxReadBufferSize = ReadAheadBytes;
    }
}
