using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace OrdersActors.TestServer;

/// <summary>
/// The real server executable as a process of its own, on free ports and a data folder of its own.
/// </summary>
public sealed class ServerProcess : IAsyncDisposable
{
    // For failures only: a start takes about two seconds, on a machine that is busy with everything else perhaps twenty.
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan CommandTimeout = TimeSpan.FromMinutes(5);
    private static readonly string Executable = Path.Combine(AppContext.BaseDirectory, "OrdersActors.Server.dll");

    private readonly ServerSettings _settings;
    private readonly string _folder;
    private readonly Dictionary<string, string> _environment;
    private Process? _process;
    private CapturedOutput? _output;

    private ServerProcess(ServerSettings settings)
    {
        _settings = settings;
        _folder = Directory.CreateTempSubdirectory("orders-actors-server-").FullName;
        DataDirectory = settings.DataDirectory ?? Path.Combine(_folder, "data");
        var ports = FreePorts(3);
        BaseAddress = new Uri($"http://127.0.0.1:{ports[0]}");
        GatewayPort = ports[2];
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

        if (settings.StartupAssembly is { } assembly)
        {
            // The hook's only purpose is that the runtime loads the assembly by its path; ASP.NET then finds it by its name.
            _environment["DOTNET_STARTUP_HOOKS"] = Path.Combine(AppContext.BaseDirectory, assembly + ".dll");
            _environment["ASPNETCORE_HOSTINGSTARTUPASSEMBLIES"] = assembly;
        }

        foreach (var (name, value) in settings.Variables)
        {
            _environment[name] = value;
        }
    }

    /// <summary>Where the server answers HTTP.</summary>
    public Uri BaseAddress { get; }

    /// <summary>Where clients connect.</summary>
    public Uri WebSocketAddress => new UriBuilder(BaseAddress) { Scheme = "ws", Path = "/ws" }.Uri;

    /// <summary>The port for publishing services.</summary>
    public int GatewayPort { get; }

    /// <summary>The folder of the database.</summary>
    public string DataDirectory { get; }

    /// <summary>The running process's id.</summary>
    public int ProcessId => _process!.Id;

    /// <summary>What the server has printed since it was started last.</summary>
    public string Output => _output?.ToString() ?? "";

    /// <summary>A server that is not running yet, for its commands and for starting it later.</summary>
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

    /// <summary>Starts it on the same data and ports.</summary>
    public async Task StartAgainAsync()
    {
        _process = Start([]);
        _output = new CapturedOutput(_process, _settings.OnOutput);
        using var http = new HttpClient { BaseAddress = BaseAddress };
        var waited = Stopwatch.StartNew();
        while (true)
        {
            if (_process.HasExited || waited.Elapsed > StartTimeout)
            {
                throw new InvalidOperationException($"The server did not start:{Environment.NewLine}{Output}");
            }

            try
            {
                if ((await http.GetAsync("/healthz/ready")).StatusCode == HttpStatusCode.OK)
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // Not listening yet.
            }

            await Task.Delay(50);
        }
    }

    /// <summary>Runs a command of the executable with this server's settings.</summary>
    public Task<CommandResult> RunAsync(params string[] args) => RunAsync(null, args);

    /// <summary>Runs a command of the executable with this server's settings, and something to read.</summary>
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
            // The command ended without reading everything; its exit code and stderr tell why.
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

    /// <summary>Publishes one event by the command, and fails where it fails. Returns the event's JSON.</summary>
    public async Task<string> PublishAsync(string organization, string order, string status, params string[] more)
    {
        var result = await RunAsync(["publish", "--organization", organization, "--order", order, "--status", status, .. more]);
        return result.ExitCode == 0 ? result.Output.Trim() : throw new InvalidOperationException(result.ToString());
    }

    /// <summary>Makes an API key by the command.</summary>
    public async Task<(string Key, string Secret)> CreateKeyAsync(string organization)
    {
        var result = await RunAsync("keys", "create", "--organization", organization);
        using var json = System.Text.Json.JsonDocument.Parse(result.Output);
        return (json.RootElement.GetProperty("api_key").GetString()!, json.RootElement.GetProperty("api_secret").GetString()!);
    }

    /// <summary>Makes an authorization signature by the command.</summary>
    public async Task<string> SignAsync(string key, string secret, params string[] more) =>
        (await RunAsync(["sign", "--api-key", key, "--api-secret", secret, .. more])).Output.Trim();

    /// <summary>SIGKILL.</summary>
    public async Task KillAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>Stops it by a signal, SIGTERM or another. Returns the exit code and how long it took.</summary>
    public async Task<(int ExitCode, TimeSpan Took)> StopAsync(string signal = "TERM")
    {
        var watch = Stopwatch.StartNew();
        await SignalAsync(signal);
        await _process!.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));
        return (_process.ExitCode, watch.Elapsed);
    }

    /// <summary>Sends the server a signal by name: TERM, INT, STOP, CONT.</summary>
    public async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{ProcessId}"]);
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

    /// <summary>Ports that nobody listens on at the moment, all different.</summary>
    public static int[] FreePorts(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToArray();
        foreach (var listener in listeners)
        {
            listener.Start();
        }

        var ports = Array.ConvertAll(listeners, listener => ((IPEndPoint)listener.LocalEndpoint).Port);
        foreach (var listener in listeners)
        {
            listener.Dispose();
        }

        return ports;
    }

    private Process Start(string[] args)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = _folder,
        };
        start.ArgumentList.Add(Executable);
        foreach (var arg in args.Length > 0 ? args : _settings.Arguments)
        {
            start.ArgumentList.Add(arg);
        }

        foreach (var (name, value) in _environment)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }
}
