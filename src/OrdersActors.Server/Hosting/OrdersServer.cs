using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Options;
using OrdersActors.FrontEnd;
using OrdersActors.Grains;
using OrdersActors.Publishing;
using OrdersActors.Server.Board;
using OrdersActors.Storage;
using OrdersActors.Storage.ApiKeys;
using OrdersActors.Storage.Retention;
using OrdersActors.Storage.Sqlite;
using OrdersActors.Streaming;

namespace OrdersActors.Server.Hosting;

/// <summary>
/// One server: silo, front end and board in one process.
/// </summary>
/// <remarks>
/// The order of starting: ports, storage, silo, web server. Of stopping, within ten seconds: readiness goes, the clients are
/// told (1001), the web server ends, the silo ends, and last the log commits what it has taken.
/// </remarks>
internal static class OrdersServer
{
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(8);

    public static async Task RunAsync(string? configFile, string? environment, Dictionary<string, string?> overrides)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            ContentRootPath = AppContext.BaseDirectory,
            EnvironmentName = environment,
        });
        ServerConfiguration.Fill(builder.Configuration, configFile, overrides);
        var options = ServerOptions.Read(builder.Configuration);
        var storage = ServerStorage.ReadOptions(builder.Configuration, options);
        PortCheck.Run(options, builder.Configuration["urls"] ?? "");

        builder.Logging.ClearProviders().AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "HH:mm:ss ";
        });
        await using var log = OpenLog(storage, builder.Configuration);
        AddServices(builder, options, storage, log);
        await using var app = builder.Build();
        // Before the host does, because the host logs a stack trace where one line says it all.
        app.Services.GetService<IStartupValidator>()?.Validate();
        Map(app);
        await app.StartAsync();
        StartBanner.Write(app, options);
        await app.WaitForShutdownAsync();
    }

    private static SqliteEventLog OpenLog(SqliteStorageOptions storage, IConfiguration configuration)
    {
        using var loggers = LoggerFactory.Create(logging => logging
            .AddConfiguration(configuration.GetSection("Logging"))
            .AddSimpleConsole(console => console.SingleLine = true));
        return SqliteEventLog.Open(storage, TimeProvider.System, loggers.CreateLogger<SqliteEventLog>());
    }

    private static void AddServices(
        WebApplicationBuilder builder, ServerOptions options, SqliteStorageOptions storage, SqliteEventLog log)
    {
        var services = builder.Services;
        services.Configure<HostOptions>(host => host.ShutdownTimeout = ShutdownTimeout);
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton<IEventLog>(log);
        services.AddOrderRetention();
        services.AddOrderDataProtection(options.DataDirectory);
        services.AddSingleton<IApiKeyStore>(provider =>
        {
            var stored = new SqliteApiKeyStore(
                storage, provider.GetRequiredService<IDataProtectionProvider>(), provider.GetRequiredService<TimeProvider>());
            return builder.Environment.IsDevelopment() ? new DemoApiKeyStore(stored) : stored;
        });
        builder.UseOrleans(silo => silo
            .UseLocalhostClustering(options.SiloPort, options.GatewayPort, null, ServerOptions.ServiceId, options.ClusterId)
            .AddOrderStreams()
            .AddOrderGrains());
        services.AddOrderStatusPublisher();
        services.AddOrderFrontEnd();
        services.AddBoard();
        services.AddHealthChecks();
    }

    private static void Map(WebApplication app)
    {
        app.MapOrderWebSocket();
        app.MapBoard();
        // The process answers; and, once it listens at all, the silo has started, because it starts first.
        app.MapHealthChecks("/healthz/live");
        app.MapGet("/healthz/ready", (IHostApplicationLifetime lifetime) => lifetime.ApplicationStopping.IsCancellationRequested
            ? Results.StatusCode(StatusCodes.Status503ServiceUnavailable)
            : Results.Ok());
    }
}
