using Microsoft.Extensions.Options;
using OrdersActors.FrontEnd;
using OrdersActors.Publishing;
using OrdersActors.Server.Board;
using OrdersActors.Storage;
using OrdersActors.Storage.Retention;

namespace OrdersActors.Server.Hosting;

/// <summary>
/// One server process: silo, front end and board, or a part of them (<see cref="ServerRole"/>).
/// </summary>
/// <remarks>
/// The order of starting: ports, storage, silo or cluster client, web server. Of stopping, within ten seconds and the drain time:
/// readiness goes, the clients are sent away (1001, or 1012 one after the other), the web server ends, the silo hands over its
/// queues and grains and leaves the cluster, and last the log commits what it has taken.
/// </remarks>
internal static class OrdersServer
{
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(8);

    public static async Task RunAsync(string? configFile, string? environment, ServerRole role, Dictionary<string, string?> overrides)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            ContentRootPath = AppContext.BaseDirectory,
            EnvironmentName = environment,
            // Otherwise the host watches files that are not ours, and a machine that has no watches left fails the start.
            Args = ["--hostBuilder:reloadConfigOnChange=false"],
        });
        ServerConfiguration.Fill(builder.Configuration, configFile, overrides);
        var options = ServerOptions.Read(builder.Configuration);
        PortCheck.Run(options, role, ListenUrls.Resolve(builder.Configuration));

        var phase = new ServerPhase();
        ConsoleLogging.Add(builder.Logging, phase);
        var (log, keys) = await OpenStorageAsync(builder.Configuration, options, role, phase);
        await using var ownedLog = log as IAsyncDisposable;
        await using var ownedKeys = keys as IAsyncDisposable;
        AddServices(builder, options, role, log, keys);
        await using var app = builder.Build();
        // Before the host does, because the host logs a stack trace where one line says it all.
        app.Services.GetService<IStartupValidator>()?.Validate();
        Map(app, role);
        await app.StartAsync();
        phase.Follow(app.Lifetime);
        StartBanner.Write(app, options, role);
        await app.WaitForShutdownAsync();
    }

    private static async Task<(IEventLog? Log, IApiKeyStore? Keys)> OpenStorageAsync(
        IConfiguration configuration, ServerOptions options, ServerRole role, ServerPhase phase)
    {
        if (role == ServerRole.FrontEnd)
        {
            return default;
        }

        // Lives as long as the process: the storage reports failed writes by it.
        var loggers = LoggerFactory.Create(logging =>
        {
            logging.AddConfiguration(configuration.GetSection("Logging"));
            ConsoleLogging.Add(logging, phase);
        });
        var log = await ServerStorage.OpenLogAsync(configuration, options, loggers);
        return (log, await ServerStorage.OpenKeysAsync(configuration, options));
    }

    private static void AddServices(
        WebApplicationBuilder builder, ServerOptions options, ServerRole role, IEventLog? log, IApiKeyStore? keys)
    {
        var services = builder.Services;
        var drainTime = builder.Configuration.GetValue<TimeSpan>("OrdersActors:FrontEnd:DrainTime");
        services.Configure<HostOptions>(host => host.ShutdownTimeout = ShutdownTimeout + drainTime);
        services.AddSingleton(TimeProvider.System);
        if (log is null || keys is null)
        {
            builder.AddClusterClient(options);
        }
        else
        {
            services.AddSingleton(log);
            services.AddOrderRetention();
            services.AddSingleton(builder.Environment.IsDevelopment() ? new DemoApiKeyStore(keys) : keys);
            builder.AddSilo(options);
        }

        services.AddOrderStatusPublisher();
        services.AddHealthChecks();
        if (role != ServerRole.Silo)
        {
            services.AddOrderFrontEnd();
            services.AddBoard();
        }
    }

    private static void Map(WebApplication app, ServerRole role)
    {
        if (role != ServerRole.Silo)
        {
            app.MapOrderWebSocket();
            app.MapBoard();
        }

        // The process answers; and, once it listens at all, the silo or the cluster's client has started, because it starts first.
        app.MapHealthChecks("/healthz/live");
        app.MapGet("/healthz/ready", (IHostApplicationLifetime lifetime) => lifetime.ApplicationStopping.IsCancellationRequested
            ? Results.StatusCode(StatusCodes.Status503ServiceUnavailable)
            : Results.Ok());
    }
}
