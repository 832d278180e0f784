using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace OrdersActors.TestServer;

/// <summary>
/// A real HAProxy in front of three servers. It runs the example <c>silo-config/haproxy.cfg</c> unchanged.
/// </summary>
public sealed class HaProxy : IAsyncDisposable
{
    /// <summary>The number of servers in the example.</summary>
    public const int ServerCount = 3;

    private const string Program = "/usr/sbin/haproxy";
    private const string Backend = "orders";
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromSeconds(60);

    private readonly string _folder = Directory.CreateTempSubdirectory("haproxy-").FullName;
    private readonly Process _process;
    private readonly CapturedOutput _output;

    private HaProxy(IReadOnlyList<ServerProcess> servers, int maxConnections, Action<string>? onOutput)
    {
        var start = new ProcessStartInfo(
            Program, ["-db", "-f", Path.Combine(AppContext.BaseDirectory, "silo-config", "haproxy.cfg")])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = _folder,
        };
        start.Environment["ORDERS_BIND"] = $"{Endpoint}";
        start.Environment["ORDERS_ADMIN_SOCKET"] = AdminSocket;
        start.Environment["ORDERS_MAXCONN"] = maxConnections.ToString(CultureInfo.InvariantCulture);
        for (var i = 0; i < ServerCount; i++)
        {
            start.Environment[$"ORDERS_SERVER_{i + 1}"] = servers[i].BaseAddress.Authority;
        }

        _process = Process.Start(start)!;
        _output = new CapturedOutput(_process, onOutput);
    }

    /// <summary>Whether HAProxy is installed.</summary>
    public static bool IsInstalled => File.Exists(Program);

    /// <summary>The address that clients connect to.</summary>
    public IPEndPoint Endpoint { get; } = new(IPAddress.Loopback, ServerProcess.FreePorts(1)[0]);

    private string AdminSocket => Path.Combine(_folder, "admin.sock");

    /// <summary>Starts it, and waits until all servers get clients.</summary>
    /// <param name="servers">The three servers. They must be ready.</param>
    /// <param name="maxConnections">Most connections of clients. It needs two file descriptors for each.</param>
    /// <param name="onOutput">Called with every line of its log, from any thread.</param>
    public static async Task<HaProxy> StartAsync(
        IReadOnlyList<ServerProcess> servers, int maxConnections, Action<string>? onOutput = null)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(servers.Count, ServerCount);
        var proxy = new HaProxy(servers, maxConnections, onOutput);
        try
        {
            for (var i = 0; i < ServerCount; i++)
            {
                await proxy.WaitForStateAsync(i, isUp: true);
            }

            return proxy;
        }
        catch
        {
            await proxy.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits until a server gets clients, or until it gets none.</summary>
    /// <exception cref="TimeoutException">The state has not changed within 60 s.</exception>
    public async Task WaitForStateAsync(int server, bool isUp)
    {
        var waited = Stopwatch.StartNew();
        while (await ReadStateAsync(server) is var state
            && state?.StartsWith("UP", StringComparison.Ordinal) != isUp)
        {
            if (waited.Elapsed > WaitTimeout || _process.HasExited)
            {
                throw new TimeoutException($"HAProxy sees server {server} as {state ?? "unknown"}:\n{_output}");
            }

            await Task.Delay(50);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>The state of a server in HAProxy's own words; null if HAProxy does not answer yet.</summary>
    private async Task<string?> ReadStateAsync(int server)
    {
        string[][] rows;
        try
        {
            rows = [.. (await AskAsync("show stat")).Split('\n').Select(line => line.Split(','))];
        }
        catch (SocketException)
        {
            return null;
        }

        var status = Array.IndexOf(rows[0], "status");
        return rows.FirstOrDefault(row => row is [Backend, var name, ..] && name == $"orders-{server + 1}")?[status];
    }

    private async Task<string> AskAsync(string command)
    {
        using var timeout = new CancellationTokenSource(WaitTimeout);
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(AdminSocket), timeout.Token);
        await socket.SendAsync(Encoding.ASCII.GetBytes(command + "\n"), timeout.Token);
        using var reader = new StreamReader(new NetworkStream(socket), Encoding.ASCII);
        return await reader.ReadToEndAsync(timeout.Token);
    }
}
