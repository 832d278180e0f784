using Microsoft.Extensions.Options;
using OrdersActors.FrontEnd;
using OrdersActors.Http;
using OrdersActors.Publishing;
using OrdersActors.Server.Board;
using OrdersActors.Server.Operators;
using OrdersActors.Server.Telemetry;
using OrdersActors.Storage;
using OrdersActors.Storage.Retention;

namespace OrdersActors.Server.Hosting;

/// <summary>
/// One server process: silo, front end and board, or a part of them (<see cref="ServerRole"/>).
/// </summary>
/// <remarks>
/// <para><b>Start</b>, in this order: check the ports and the certificates, open the storage, start the silo or the
/// cluster client, start the web server.</para>
/// <para><b>Stop</b>, in this order, within ten seconds plus the drain delay and the drain time: readiness answers 503,
/// and clients are still served for the drain delay; clients are closed (with 1001, or one after the other with 1012);
/// the web server ends; the silo hands over its queues and grains and leaves the cluster; the log commits the events
/// that it has accepted.</para>
/// </remarks>
internal static class OrdersServer
{
    public static async Task RunAsync(
        string? configFile, string? environment, ServerRole role, Dictionary<string, string?> overrides)
    {
        WorkerThreads.RaiseMinimum();
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            ContentRootPath = AppContext.BaseDirectory,
            EnvironmentName = environment,
            // By default the host watches configuration files that this server does not use. The start would then fail
            // on a machine whose inotify watches are used up.
            Args = ["--hostBuilder:reloadConfigOnChange=false"],
        });
        ServerConfiguration.Fill(builder.Configuration, configFile, overrides);
        var options = ServerOptions.Read(builder.Configuration);
        var telemetry = ServerTelemetry.Read(builder.Configuration);
        PortCheck.Run(options, role, telemetry, ListenUrls.Resolve(builder.Configuration));
        ServerTls.Check(options, role);

        var logging = LogOptions.Read(builder.Configuration);
        using var console = new ConsoleQueue(Console.Out, logging.MaxQueuedBytes);
        var phase = new ServerPhase();
        void Log(ILoggingBuilder target) => ConsoleLogging.Add(target, logging, console, phase);
        Log(builder.Logging);
        var (log, keys) = await OpenStorageAsync(builder.Configuration, options, role, Log);
        await using var ownedLog = log as IAsyncDisposable;
        await using var ownedKeys = keys as IAsyncDisposable;
        SystemdReporter.AddTo(builder.Services);
        builder.AddTelemetry(telemetry, role.ToString());
        AddServices(builder, options, role, log, keys);
        await using var app = builder.Build();
        // The host would validate later and log a stack trace; a failure here is reported in one line.
        app.Services.GetService<IStartupValidator>()?.Validate();
        Map(app, role);
        await app.StartAsync();
        phase.Follow(app.Lifetime);
        StopDeadline.Enforce(
            app, Deadlines.StopHost + Draining(builder.Configuration) + Deadlines.StopProcess);
        ActivatorUtilities.CreateInstance<OpenPorts>(app.Services).Warn(options, role);
        ActivatorUtilities.CreateInstance<StartLine>(app.Services).Log(role, log);
        if (!logging.IsJson)
        {
            StartBanner.Write(app, options, role);
        }

        await app.WaitForShutdownAsync();
    }

    private static async Task<(IEventLog? Log, IApiKeyStore? Keys)> OpenStorageAsync(
        IConfiguration configuration, ServerOptions options, ServerRole role, Action<ILoggingBuilder> log)
    {
        if (role == ServerRole.FrontEnd)
        {
            return default;
        }

        // Not disposed: the storage logs failed writes through it as long as the process runs.
        var loggers = LoggerFactory.Create(logging =>
        {
            logging.AddConfiguration(configuration.GetSection("Logging"));
            log(logging);
        });
        var opened = await ServerStorage.OpenLogAsync(configuration, options, loggers);
        return (opened, await ServerStorage.OpenKeysAsync(configuration, options));
    }

    /// <summary>Adds the parts of the server that a role has. They use the storage and do not own it.</summary>
    public static void AddServices(
        WebApplicationBuilder builder, ServerOptions options, ServerRole role, IEventLog? log, IApiKeyStore? keys)
    {
        var services = builder.Services;
        services.Configure<HostOptions>(host =>
            host.ShutdownTimeout = Deadlines.StopHost + Draining(builder.Configuration));
        services.AddSingleton(TimeProvider.System);
        if (log is null || keys is null)
        {
            // The start of the cluster client completes only when it has connected to a silo. Concurrent start lets the
            // web server answer "not ready" until then.
            services.Configure<HostOptions>(host => host.ServicesStartConcurrently = true);
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
        services.AddReadiness(role);
        if (role != ServerRole.Silo)
        {
            services.AddOrderFrontEnd();
            services.AddOrderHttp();
            services.AddBoard();
        }

        services.AddOperators(OperatorOptions.Read(builder.Configuration));
    }

    /// <summary>How long a stop waits for load balancers and clients before it stops anything else.</summary>
    private static TimeSpan Draining(IConfiguration configuration) =>
        configuration.GetValue<TimeSpan>("OrdersActors:FrontEnd:DrainDelay")
        + configuration.GetValue<TimeSpan>("OrdersActors:FrontEnd:DrainTime");

    /// <summary>Maps the endpoints of a role.</summary>
    public static void Map(WebApplication app, ServerRole role)
    {
        // First, because it separates the operators' port from the others.
        app.MapOperators();
        if (role != ServerRole.Silo)
        {
            app.MapOrderWebSocket();
            app.MapOrderHttp();
            app.MapBoard();
        }

        app.MapReadiness();
    }
}
