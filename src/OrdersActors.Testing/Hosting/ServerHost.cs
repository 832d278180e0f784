using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrdersActors.FrontEnd;
using OrdersActors.Publishing;
using OrdersActors.Server.Hosting;
using OrdersActors.Storage;

namespace OrdersActors.Testing.Hosting;

/// <summary>
/// One run of a test server. It is composed like the server's own process (<see cref="OrdersServer"/>), without what
/// belongs to a process: signals, the console, the deadline of the stop, and exits after fatal errors.
/// </summary>
internal sealed class ServerHost : IAsyncDisposable
{
    private const int MostAttempts = 5;

    private static readonly TimeSpan ReadyTimeout = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan ReadyInterval = TimeSpan.FromMilliseconds(20);

    private readonly WebApplication _app;
    private readonly object[] _storage;

    private ServerHost(WebApplication app, IApiKeyStore keys, OpenConnections connections, object[] storage) =>
        (_app, Keys, Connections, _storage) = (app, keys, connections, storage);

    public IApiKeyStore Keys { get; }

    public OpenConnections Connections { get; }

    public IOrderStatusPublisher Publisher => _app.Services.GetRequiredService<IOrderStatusPublisher>();

    /// <summary>Starts a server, on other ports if another program has taken one of these in the meantime.</summary>
    public static async Task<(ServerHost Host, ServerPorts Ports)> StartOnFreePortsAsync(
        ServerPorts ports, string folder, OrdersTestServerOptions options, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return (await StartAsync(ports, folder, options, cancellationToken), ports);
            }
            catch (Exception e) when (attempt < MostAttempts && IsTaken(e))
            {
                ports = ServerPorts.Choose();
            }
        }
    }

    /// <summary>Starts a server and waits until it is ready.</summary>
    public static async Task<ServerHost> StartAsync(
        ServerPorts ports, string folder, OrdersTestServerOptions options, CancellationToken cancellationToken)
    {
        try
        {
            return await StartServerAsync(ports, folder, options, cancellationToken);
        }
        catch (Exception e) when (e is StartupException or OptionsValidationException or StorageException)
        {
            throw new InvalidOperationException($"The test server cannot start: {e.Message}", e);
        }
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await _app.StopAsync();
        }
        finally
        {
            await _app.DisposeAsync();
            await DisposeAsync(_storage);
        }
    }

    private static async Task<ServerHost> StartServerAsync(
        ServerPorts ports, string folder, OrdersTestServerOptions options, CancellationToken cancellationToken)
    {
        var builder = CreateBuilder(ports, folder, options);
        var server = ServerOptions.Read(builder.Configuration);
        var loggers = LoggerFactory.Create(logging => AddLogging(logging, builder.Configuration, options));
        // The disposal is in reverse order, because the log writes its last lines through the loggers.
        var owned = new Stack<object>([loggers]);
        try
        {
            var log = await ServerStorage.OpenLogAsync(builder.Configuration, server, loggers);
            owned.Push(log);
            var keys = await ServerStorage.OpenKeysAsync(builder.Configuration, server);
            owned.Push(keys);
            var connections = Compose(builder, server, log, keys);
            var app = builder.Build();
            owned.Push(app);
            app.Services.GetService<IStartupValidator>()?.Validate();
            OrdersServer.Map(app, ServerRole.All);
            await app.StartAsync(cancellationToken);
            await WaitUntilReadyAsync(app, cancellationToken);
            return new ServerHost(app, keys, connections, [.. owned.Skip(1)]);
        }
        catch
        {
            await DisposeAsync(owned);
            throw;
        }
    }

    private static WebApplicationBuilder CreateBuilder(
        ServerPorts ports, string folder, OrdersTestServerOptions options)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            ContentRootPath = folder,
            EnvironmentName = Environments.Production,
            Args = ["--hostBuilder:reloadConfigOnChange=false"],
        });
        // Not the environment and the files of the test: a test server is the same everywhere.
        builder.Configuration.Sources.Clear();
        builder.Configuration
            .AddConfiguration(ShippedSettings())
            .AddInMemoryCollection(options.Settings)
            .AddInMemoryCollection(new Dictionary<string, string?>
            {
                ["urls"] = ports.Http.AbsoluteUri,
                ["OrdersActors:DataDirectory"] = Path.Combine(folder, "data"),
                ["OrdersActors:SiloPort"] = $"{ports.Silo}",
                ["OrdersActors:GatewayPort"] = $"{ports.Gateway}",
            });
        AddLogging(builder.Logging, builder.Configuration, options);
        return builder;
    }

    /// <summary>The file that comes with the server. Its levels are for tests that configure a log.</summary>
    private static IConfigurationRoot ShippedSettings()
    {
        using var file = typeof(ServerHost).Assembly.GetManifestResourceStream("single-machine.json")!;
        return new ConfigurationBuilder().AddJsonStream(file).Build();
    }

    private static void AddLogging(
        ILoggingBuilder logging, IConfiguration configuration, OrdersTestServerOptions options)
    {
        logging.ClearProviders().AddConfiguration(configuration.GetSection("Logging"));
        options.ConfigureLogging?.Invoke(logging);
    }

    private static OpenConnections Compose(
        WebApplicationBuilder builder, ServerOptions server, IEventLog log, IApiKeyStore keys)
    {
        var connections = new OpenConnections();
        OrdersServer.AddServices(builder, server, ServerRole.All, log, keys);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ConfigureEndpointDefaults(listen =>
        {
            listen.Use(next => connection => connections.RunAsync(connection, next));
            listen.UseOrderConnections();
        }));
        builder.Services.AddSingleton<IHostLifetime, TestLifetime>();
        builder.Services.AddSingleton<IFatalErrorHandler, SiloFault>();
        return connections;
    }

    private static async Task WaitUntilReadyAsync(WebApplication app, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(ReadyTimeout);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        var checks = app.Services.GetRequiredService<HealthCheckService>();
        while (true)
        {
            var report = await checks.CheckHealthAsync(
                check => check.Tags.Contains(FrontEndHosting.ReadinessTag), cancellationToken);
            if (report.Status == HealthStatus.Healthy)
            {
                return;
            }

            await Task.Delay(ReadyInterval, either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellationToken.ThrowIfCancellationRequested();
            if (timeout.IsCancellationRequested)
            {
                throw new TimeoutException($"The test server is not ready: {string.Join("; ", report.Entries
                    .Where(entry => entry.Value.Status != HealthStatus.Healthy)
                    .Select(entry => $"{entry.Key}: {entry.Value.Description}"))}");
            }
        }
    }

    private static bool IsTaken(Exception? e) => e switch
    {
        null => false,
        AddressInUseException or SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse } => true,
        AggregateException several => several.InnerExceptions.Any(IsTaken),
        _ => IsTaken(e.InnerException),
    };

    private static async Task DisposeAsync(IEnumerable<object> owned)
    {
        foreach (var one in owned)
        {
            switch (one)
            {
                case IAsyncDisposable asynchronous:
                    await asynchronous.DisposeAsync();
                    break;
                case IDisposable synchronous:
                    synchronous.Dispose();
                    break;
            }
        }
    }
}
