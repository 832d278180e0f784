using System.Diagnostics;
using System.Net;
using OrdersActors.Testing.Hosting;

namespace OrdersActors.TestServer;

/// <summary>The real server executable as a separate process, with free ports and its own data directory.</summary>
public sealed class ServerProcess : IAsyncDisposable
{
    // Only failing tests wait this long. A start takes about two seconds, or up to twenty on a busy machine.
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan CommandTimeout = TimeSpan.FromMinutes(5);
    private static readonly string OwnExecutable = Path.Combine(AppContext.BaseDirectory, "OrdersActors.Server.dll");

    // A port is never given twice, because its first receiver may not listen yet.

    private readonly ServerSettings _settings;
    private readonly string _folder;
    private readonly Dictionary<string, string> _environment;
    private Process? _process;
    private CapturedOutput? _output;
    private volatile bool _isToEnd;

    private ServerProcess(ServerSettings settings)
    {
        _settings = settings;
        Executable = settings.Executable;
        _folder = Directory.CreateTempSubdirectory("orders-actors-server-").FullName;
        DataDirectory = settings.DataDirectory ?? Path.Combine(_folder, "data");
        // The ports are free in the caller's network. In a separate namespace no other process uses them anyway.
        var ports = FreePorts(3);
        BaseAddress = new Uri($"http://{settings.Address}:{ports[0]}");
        Gateway = new IPEndPoint(settings.Address, ports[2]);
        _environment = new Dictionary<string, string>
        {
            ["ASPNETCORE_ENVIRONMENT"] = settings.Environment,
            ["ASPNETCORE_URLS"] = BaseAddress.GetLeftPart(UriPartial.Authority),
            ["OrdersActors__DataDirectory"] = DataDirectory,
            ["OrdersActors__SiloPort"] = $"{ports[1]}",
            ["OrdersActors__GatewayPort"] = $"{ports[2]}",
        };
        if (settings.Http2Port is { } http2)
        {
            _environment.Remove("ASPNETCORE_URLS");
            _environment["Kestrel__Endpoints__First__Url"] = BaseAddress.GetLeftPart(UriPartial.Authority);
            _environment["Kestrel__Endpoints__Second__Url"] = $"http://127.0.0.1:{http2}";
            _environment["Kestrel__Endpoints__Second__Protocols"] = "Http2";
        }

        if (settings.ServesMetrics)
        {
            Metrics = new IPEndPoint(settings.Address, FreePorts(1)[0]);
            _environment["OrdersActors__Telemetry__PrometheusPort"] = $"{Metrics.Port}";
            _environment["OrdersActors__Telemetry__PrometheusAddress"] = $"{Metrics.Address}";
        }

        foreach (var (name, value) in settings.Variables)
        {
            _environment[name] = value;
        }
    }

    /// <summary>The address of the HTTP endpoints.</summary>
    public Uri BaseAddress { get; }

    /// <summary>The address that clients connect to.</summary>
    public Uri WebSocketAddress => new UriBuilder(BaseAddress) { Scheme = "ws", Path = "/ws" }.Uri;

    /// <summary>The address that publishing services connect to.</summary>
    public IPEndPoint Gateway { get; }

    /// <summary>The address of <c>/metrics</c>; null if it is not served.</summary>
    public IPEndPoint? Metrics { get; }

    /// <summary>The port for publishing services.</summary>
    public int GatewayPort => Gateway.Port;

    /// <summary>The server's role in the cluster.</summary>
    public ServerRole Role => _settings.Role;

    /// <summary>
    /// The path of the OrdersActors.Server.dll that the next start or command runs; null for the one beside the caller.
    /// </summary>
    public string? Executable { get; set; }

    /// <summary>The folder of the database.</summary>
    public string DataDirectory { get; }

    /// <summary>The id of the running process.</summary>
    public int ProcessId => _process!.Id;

    /// <summary>Whether it was started and has ended.</summary>
    public bool HasEnded => _process is { HasExited: true };

    /// <summary>Whether it ended although nobody killed or stopped it.</summary>
    public bool HasEndedByItself => HasEnded && !_isToEnd;

    /// <summary>The server's output since the last start.</summary>
    public string Output => _output?.ToString() ?? "";

    /// <summary>A server that does not run yet, for running its commands or starting it later.</summary>
    public static ServerProcess Create(ServerSettings? settings = null) => new(settings ?? new ServerSettings());

    /// <summary>Starts a server and waits until it serves.</summary>
    public static async Task<ServerProcess> StartAsync(ServerSettings? settings = null)
    {
        var server = Create(settings);
        try
        {
            await server.StartAgainAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts it on the same data and ports, and waits until it serves.</summary>
    public async Task StartAgainAsync()
    {
        Launch();
        var waited = Stopwatch.StartNew();
        while (!await IsReadyAsync())
        {
            if (HasEnded || waited.Elapsed > StartTimeout)
            {
                throw new InvalidOperationException($"The server did not start:{Environment.NewLine}{Output}");
            }

            await Task.Delay(50);
        }
    }

    /// <summary>Starts it on the same data and ports without waiting.</summary>
    /// <param name="readsOutput">If false, nobody reads its output, so the pipe fills up.</param>
    public void Launch(bool readsOutput = true)
    {
        _isToEnd = false;
        _process = Start([]);
        _output = readsOutput ? new CapturedOutput(_process, _settings.OnOutput) : null;
    }

    /// <summary>Begins to read the output of a process that was launched without a reader.</summary>
    public void ReadOutput() => _output = new CapturedOutput(_process!, _settings.OnOutput);

    /// <summary>Whether it reports that it is ready.</summary>
    public async Task<bool> IsReadyAsync()
    {
        using var http = new HttpClient { BaseAddress = BaseAddress, Timeout = AnswerTimeout };
        try
        {
            using var answer = await http.GetAsync("/healthz/ready");
            return answer.StatusCode == HttpStatusCode.OK;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            // The server does not listen, or is too busy to answer.
            return false;
        }
    }

    /// <summary>Runs a command of the executable with this server's settings.</summary>
    public Task<CommandResult> RunAsync(params string[] args) => RunAsync(null, args);

    /// <summary>Runs a command of the executable with this server's settings and an input.</summary>
    public async Task<CommandResult> RunAsync(string? input, string[] args)
    {
        using var process = Start(args);
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        try
        {
            await process.StandardInput.WriteAsync(input);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // The command ended without reading everything. Its exit code and stderr show the reason.
        }

        using var timeout = new CancellationTokenSource(CommandTimeout);
        try
        {
            await process.WaitForExitAsync(timeout.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw;
        }

        return new CommandResult(process.ExitCode, await output, await error);
    }

    /// <summary>
    /// Starts a command of the executable with this server's settings. The caller owns the process and its streams.
    /// </summary>
    public Process StartCommand(params string[] args) => Start(args);

    /// <summary>
    /// Publishes one event from this process, which costs much less than <see cref="RunPublishAsync"/>. The server must
    /// be a silo without TLS that listens at <see cref="Gateway"/>.
    /// </summary>
    public async Task PublishAsync(
        string organization, string order, string status, string? details = null, string? id = null)
    {
        var cluster = _environment.GetValueOrDefault("OrdersActors__ClusterId", PublishingService.DefaultName);
        // The server may have been started again since the last event, so each event has a client of its own.
        await using var service = await PublishingService.ConnectAsync([Gateway], cluster);
        await service.PublishAsync(organization, order, status, details, id);
    }

    /// <summary>Publishes one event with the command; throws if it fails. Returns the event's JSON.</summary>
    public async Task<string> RunPublishAsync(string organization, string order, string status, params string[] more)
    {
        var result = await RunAsync(
            ["publish", "--organization", organization, "--order", order, "--status", status, .. more]);
        return result.ExitCode == 0 ? result.Output.Trim() : throw new InvalidOperationException(result.ToString());
    }

    /// <summary>Creates an API key with the command.</summary>
    public async Task<(string Key, string Secret)> CreateKeyAsync(string organization)
    {
        var result = await RunAsync("keys", "create", "--organization", organization);
        using var json = System.Text.Json.JsonDocument.Parse(result.Output);
        return (json.RootElement.GetProperty("api_key").GetString()!, json.RootElement.GetProperty("api_secret")
            .GetString()!);
    }

    /// <summary>Creates an authorization signature with the command.</summary>
    public async Task<string> SignAsync(string key, string secret, params string[] more) =>
        (await RunAsync(["sign", "--api-key", key, "--api-secret", secret, .. more])).Output.Trim();

    /// <summary>Kills it with SIGKILL.</summary>
    public async Task KillAsync()
    {
        var process = TakeToEnd();
        process.Kill();
        await process.WaitForExitAsync();
    }

    /// <summary>Stops it with a signal, SIGTERM or another. Returns the exit code and the duration.</summary>
    public async Task<(int ExitCode, TimeSpan Took)> StopAsync(string signal = "TERM")
    {
        var watch = Stopwatch.StartNew();
        var process = TakeToEnd();
        await SignalAsync(process.Id, signal);
        try
        {
            await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"The server still runs {watch.Elapsed} after SIG{signal}.\n{Output}");
        }

        return (process.ExitCode, watch.Elapsed);
    }

    /// <summary>Sends the server a signal by name: TERM, INT, STOP, CONT.</summary>
    public Task SignalAsync(string signal) => SignalAsync(ProcessId, signal);

    /// <summary>Sends a process a signal by name.</summary>
    public static async Task SignalAsync(int processId, string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{processId}"]);
        await kill.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
        {
            await KillAsync();
        }

        _process?.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>
    /// Different ports that are free at the moment, and that no outgoing connection takes while the server is down.
    /// </summary>
    public static int[] FreePorts(int count) => [.. Enumerable.Range(0, count).Select(_ => FreePort.Choose())];

    /// <summary>
    /// Notes that the test ends the process, and returns it. A supervisor may start the next one as soon as it has
    /// ended.
    /// </summary>
    private Process TakeToEnd()
    {
        _isToEnd = true;
        return _process!;
    }

    private Process Start(string[] args)
    {
        // "ip netns exec" replaces itself with the program that it starts, so the process id stays the same.
        string[] command = _settings.NetworkNamespace is { } network
            ? ["ip", "netns", "exec", network, "dotnet"]
            : ["dotnet"];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = _folder,
        };
        start.ArgumentList.Add(Executable ?? OwnExecutable);
        foreach (var arg in args.Length > 0 ? args : [.. Role.Arguments(), .. _settings.Arguments])
        {
            start.ArgumentList.Add(arg);
        }

        if (Executable is null && _settings.StartupAssembly is { } assembly)
        {
            // The hook only makes the runtime load the assembly by its path. ASP.NET then finds it by its name. The
            // assembly is built against the server beside it. Another build could not load it.
            start.Environment["DOTNET_STARTUP_HOOKS"] = Path.Combine(AppContext.BaseDirectory, assembly + ".dll");
            start.Environment["ASPNETCORE_HOSTINGSTARTUPASSEMBLIES"] = assembly;
        }

        foreach (var (name, value) in _environment)
        {
            // Null removes a variable that this process would pass on.
            start.Environment[name] = value.Length > 0 ? value : null;
        }

        return Process.Start(start)!;
    }
}
