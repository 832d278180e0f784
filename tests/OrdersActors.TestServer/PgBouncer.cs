using System.Diagnostics;
using System.Net.Sockets;

namespace OrdersActors.TestServer;

/// <summary>
/// A real PgBouncer of one test in front of a PostgreSQL. It has its default settings, so it refuses startup
/// parameters.
/// </summary>
public sealed class PgBouncer : IAsyncDisposable
{
    private const string Program = "/usr/sbin/pgbouncer";
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);

    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"orders-actors-pgbouncer-{Guid.NewGuid():N}");
    private readonly Process _process;
    private readonly CapturedOutput _output;

    private PgBouncer(PostgresServer server, string poolMode)
    {
        Directory.CreateDirectory(_folder);
        File.WriteAllText(Path.Combine(_folder, "users.txt"), $"\"postgres\" \"{PostgresServer.Password}\"\n");
        var settings = Path.Combine(_folder, "pgbouncer.ini");
        File.WriteAllText(settings, $"""
            [databases]
            * = host=127.0.0.1 port={server.Port}
            [pgbouncer]
            listen_addr = 127.0.0.1
            listen_port = {Port}
            unix_socket_dir =
            auth_type = scram-sha-256
            auth_file = {_folder}/users.txt
            pool_mode = {poolMode}
            max_client_conn = 200
            default_pool_size = 40

            """);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(
                _folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
                | UnixFileMode.GroupRead | UnixFileMode.GroupExecute
                | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        }

        _process = PostgresServer.Start(Program, ["-q", settings]);
        _output = new CapturedOutput(_process, null);
    }

    /// <summary>Whether PgBouncer is installed.</summary>
    public static bool IsInstalled => File.Exists(Program);

    /// <summary>The port that it listens on.</summary>
    public int Port { get; } = ServerProcess.FreePorts(1)[0];

    /// <summary>Starts it. The pool mode is <c>session</c> or <c>transaction</c>.</summary>
    public static async Task<PgBouncer> StartAsync(PostgresServer server, string poolMode)
    {
        var bouncer = new PgBouncer(server, poolMode);
        var waited = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                using var socket = new TcpClient();
                await socket.ConnectAsync("127.0.0.1", bouncer.Port);
                return bouncer;
            }
            catch (SocketException) when (waited.Elapsed < StartTimeout && !bouncer._process.HasExited)
            {
                await Task.Delay(50);
            }
            catch (SocketException)
            {
                var output = bouncer._output.ToString();
                await bouncer.DisposeAsync();
                throw new InvalidOperationException($"PgBouncer did not start:{Environment.NewLine}{output}");
            }
        }
    }

    /// <summary>A connection string through PgBouncer, for the superuser.</summary>
    public string ConnectionString(string database) =>
        $"Host=127.0.0.1;Port={Port};Database={database};Username=postgres;Password={PostgresServer.Password}";

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
}
