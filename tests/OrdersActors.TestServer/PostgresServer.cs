using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;

namespace OrdersActors.TestServer;

/// <summary>
/// A real PostgreSQL of one test: the system's binaries, a temporary folder, and a free port on 127.0.0.1. PostgreSQL
/// refuses to run as root, so tests that run as root start it as an ordinary user. It ends together with the process of
/// the tests, even if that process is killed.
/// </summary>
public sealed class PostgresServer : IAsyncDisposable
{
    private const string User = "postgres";

    // The script reads until its input ends. The input ends together with the process of the tests, however that ends.
    private const string Watch = """
        read -r _
        pid=$(head -n 1 "$1/postmaster.pid" 2>/dev/null) && grep -qsF "$1" "/proc/$pid/cmdline" &&
          kill -QUIT "$pid" && kill -CONT "$pid"
        while kill -0 "$pid" 2>/dev/null; do sleep 0.1; done
        rm -rf "$1"
        """;

    private static readonly string[] Programs = ["initdb", "postgres", "pg_isready", "psql", "pg_basebackup", "pg_ctl"];
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);

    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"orders-actors-postgres-{Guid.NewGuid():N}");
    private readonly string _binaries;
    private readonly int _port = ServerProcess.FreePorts(1)[0];
    private readonly string[] _settings;
    private readonly Process _watch;
    private Process? _process;
    private CapturedOutput? _output;

    private PostgresServer(string binaries, string[] settings)
    {
        _binaries = binaries;
        _settings = settings;
        _watch =
            Process.Start(new ProcessStartInfo("sh", ["-c", Watch, "sh", _folder]) { RedirectStandardInput = true })!;
    }

    /// <summary>The superuser's password, for tests that search for it where it must not appear.</summary>
    public const string Password = "a-password-that-no-log-holds";

    /// <summary>The folder of PostgreSQL's programs; null if PostgreSQL is not installed.</summary>
    public static string? Binaries { get; } = FindBinaries();

    /// <summary>The port, whether it is running or not.</summary>
    public int Port => _port;

    /// <summary>The process id of the postmaster.</summary>
    public int ProcessId => _process!.Id;

    /// <summary>The CPU time of all its processes since the last start, including processes that have ended.</summary>
    public TimeSpan ProcessorTime => TimeSpan.FromSeconds(Processes().Sum(ProcessorSeconds));

    /// <summary>The output since the last start.</summary>
    public string Output => _output?.ToString() ?? "";

    /// <summary>
    /// Creates a database cluster and starts it. The settings are PostgreSQL's, as <c>name=value</c>.
    /// </summary>
    public static async Task<PostgresServer> StartAsync(params string[] settings)
    {
        var server = new PostgresServer(
            Binaries ?? throw new InvalidOperationException("PostgreSQL is not installed: apt-get install postgresql"),
            settings);
        try
        {
            await server.InitAsync();
            await server.StartAgainAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// Creates a standby that streams from this server and starts it. Replication is synchronous, so a promotion loses
    /// no acknowledged commit.
    /// </summary>
    public async Task<PostgresServer> StartStandbyAsync()
    {
        var standby = new PostgresServer(_binaries, _settings);
        try
        {
            var (exitCode, output) = await RunAsync(
                Path.Combine(_binaries, "pg_basebackup"),
                [
                    "-D", standby._folder, "-R", "-X", "stream", "--checkpoint=fast", "--no-sync",
                    "-d", ConnectionUri("postgres"),
                ]);
            if (exitCode != 0)
            {
                throw new InvalidOperationException(output);
            }

            await standby.StartAgainAsync();
            await SqlAsync("postgres", "ALTER SYSTEM SET synchronous_standby_names = '*'");
            await SqlAsync("postgres", "SELECT pg_reload_conf()");
            return standby;
        }
        catch
        {
            await standby.DisposeAsync();
            throw;
        }
    }

    /// <summary>Promotes a standby to the primary.</summary>
    public async Task PromoteAsync()
    {
        var (exitCode, output) = await RunAsync(Path.Combine(_binaries, "pg_ctl"), ["promote", "-w", "-D", _folder]);
        if (exitCode != 0)
        {
            throw new InvalidOperationException(output);
        }
    }

    /// <summary>A connection string for one of its databases, for the superuser or another user.</summary>
    public string ConnectionString(
        string database, string user = User, string password = Password, string host = "127.0.0.1") => string.Create(
        CultureInfo.InvariantCulture,
        $"Host={host};Port={_port};Database={database};Username={user};Password={password}");

    /// <summary>Creates a database.</summary>
    public async Task<PostgresDatabase> CreateDatabaseAsync()
    {
        var database = new PostgresDatabase(this, $"test_{Guid.NewGuid():N}");
        await SqlAsync("postgres", $"CREATE DATABASE {database.Name}");
        return database;
    }

    /// <summary>
    /// Runs SQL as the superuser and returns the output: one line per row, columns separated by bars.
    /// </summary>
    public async Task<string> SqlAsync(string database, string sql)
    {
        var (exitCode, output) = await RunAsync(
            Path.Combine(_binaries, "psql"),
            ["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", sql, ConnectionUri(database)]);
        return exitCode == 0 ? output.Trim() : throw new InvalidOperationException(output);
    }

    /// <summary>Starts it again on the same data and port.</summary>
    public async Task StartAgainAsync()
    {
        string[] arguments =
        [
            "-D", _folder, "-p", $"{_port}", "-h", "127.0.0.1", "-k", "",
            // The tests kill only processes and never the machine, so data in the operating system's cache is safe.
            "-c", "fsync=off", "-c", "max_connections=200",
            .. _settings.SelectMany(setting => new[] { "-c", setting }),
        ];
        var waited = Stopwatch.StartNew();
        _process = Start(Path.Combine(_binaries, "postgres"), arguments);
        _output = new CapturedOutput(_process, null);
        while (!await AnswersAsync())
        {
            if (_process.HasExited && waited.Elapsed < StartTimeout)
            {
                // Processes of the killed server may still hold its shared memory for a moment.
                _process.Dispose();
                _process = Start(Path.Combine(_binaries, "postgres"), arguments);
                _output = new CapturedOutput(_process, null);
            }
            else if (waited.Elapsed > StartTimeout)
            {
                throw new InvalidOperationException($"PostgreSQL did not start:{Environment.NewLine}{Output}");
            }

            await Task.Delay(50);
        }
    }

    /// <summary>
    /// Stops it like an operator who does not wait for clients (mode "fast"): clients get an error and are
    /// disconnected.
    /// </summary>
    public async Task StopAsync()
    {
        await SignalAsync("INT", [ProcessId]);
        await _process!.WaitForExitAsync().WaitAsync(StartTimeout);
    }

    /// <summary>Stops it and starts it again.</summary>
    public async Task RestartAsync()
    {
        await StopAsync();
        await StartAgainAsync();
    }

    /// <summary>Sends SIGKILL to all of its processes, which leaves the same state as a crash.</summary>
    public async Task KillAsync()
    {
        await SignalAsync("KILL", Processes());
        await _process!.WaitForExitAsync().WaitAsync(StartTimeout);
    }

    /// <summary>Stops it, copies its data, and starts it again. Replaces an earlier copy.</summary>
    public async Task CopyAsync()
    {
        await StopAsync();
        await CopyFolderAsync(_folder, CopyFolder);
        await StartAgainAsync();
    }

    /// <summary>Replaces its data by the copy. It must not run.</summary>
    public Task RestoreCopyAsync() => CopyFolderAsync(CopyFolder, _folder);

    /// <summary>Sends SIGSTOP to all of its processes: it keeps its connections and answers nothing.</summary>
    public Task FreezeAsync() => SignalAsync("STOP", Processes());

    /// <summary>Sends SIGCONT to all of its processes.</summary>
    public Task ThawAsync() => SignalAsync("CONT", Processes());

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
        {
            await KillAsync();
        }

        _process?.Dispose();
        foreach (var folder in new[] { _folder, CopyFolder }.Where(Directory.Exists))
        {
            Directory.Delete(folder, recursive: true);
        }

        _watch.StandardInput.Close();
        _watch.Dispose();
    }

    private string CopyFolder => _folder + ".copy";

    private static async Task CopyFolderAsync(string from, string to)
    {
        if (Directory.Exists(to))
        {
            Directory.Delete(to, recursive: true);
        }

        // Keeps owners and modes, which PostgreSQL checks.
        using var copy = Process.Start("cp", ["-a", from, to]);
        await copy.WaitForExitAsync().WaitAsync(StartTimeout);
        if (copy.ExitCode != 0)
        {
            throw new InvalidOperationException($"{from} could not be copied to {to}");
        }
    }

    private static string? FindBinaries()
    {
        var versions = Directory.Exists("/usr/lib/postgresql") ? Directory.GetDirectories("/usr/lib/postgresql") : [];
        return versions
            .OrderByDescending(folder => int.TryParse(Path.GetFileName(folder), out var version) ? version : 0)
            .Select(folder => Path.Combine(folder, "bin"))
            .Concat((Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator))
            .FirstOrDefault(folder => Programs.All(program => File.Exists(Path.Combine(folder, program))));
    }

    private async Task InitAsync()
    {
        var password = Path.Combine(Path.GetTempPath(), $"orders-actors-postgres-{Guid.NewGuid():N}.password");
        await File.WriteAllTextAsync(password, Password);
        try
        {
            var (exitCode, output) = await RunAsync(Path.Combine(_binaries, "initdb"),
            [
                "-D", _folder, "-U", User, "-A", "scram-sha-256", $"--pwfile={password}", "--no-sync", "--locale=C",
                "--encoding=UTF8",
            ]);
            if (exitCode != 0)
            {
                throw new InvalidOperationException(output);
            }

            // Permits connections from servers in a test's network. It listens there only if its settings say so.
            await File.AppendAllTextAsync(Path.Combine(_folder, "pg_hba.conf"), "host all all samenet scram-sha-256\n");
        }
        finally
        {
            File.Delete(password);
        }
    }

    /// <summary>Whether it accepts connections. Its socket opens before that.</summary>
    private async Task<bool> AnswersAsync()
    {
        try
        {
            using var socket = new TcpClient();
            await socket.ConnectAsync("127.0.0.1", _port);
        }
        catch (SocketException)
        {
            return false;
        }

        var (exitCode, _) = await RunAsync(
            Path.Combine(_binaries, "pg_isready"), ["-q", "-h", "127.0.0.1", "-p", $"{_port}"]);
        return exitCode == 0;
    }

    private string ConnectionUri(string database) => $"postgresql://{User}:{Password}@127.0.0.1:{_port}/{database}";

    /// <summary>The postmaster and its child processes.</summary>
    private int[] Processes() =>
    [
        ProcessId,
        .. Directory.GetDirectories("/proc")
            .Select(folder => int.TryParse(Path.GetFileName(folder), out var id) ? id : 0)
            .Where(id => id > 0 && ParentOf(id) == ProcessId),
    ];

    private static int ParentOf(int process) => (int)(Stat(process) is { } fields ? fields[1] : 0);

    /// <summary>
    /// The CPU time of a process and of its children that have ended. The system counts both in hundredths of a second.
    /// </summary>
    private static double ProcessorSeconds(int process) =>
        Stat(process) is { } fields ? fields[11..15].Sum() / 100.0 : 0;

    /// <summary>The fields of /proc/PID/stat from the state on; null if the process has ended.</summary>
    private static long[]? Stat(int process)
    {
        try
        {
            // The format is "pid (name) state parent …", and the name may contain any character.
            var stat = File.ReadAllText($"/proc/{process}/stat");
            return Array.ConvertAll(
                stat[(stat.LastIndexOf(')') + 2)..].Trim().Split(' '),
                field => long.TryParse(field, CultureInfo.InvariantCulture, out var number) ? number : 0);
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static async Task SignalAsync(string signal, int[] processes)
    {
        using var kill = Process.Start(new ProcessStartInfo("kill", [$"-{signal}", .. processes.Select(id => $"{id}")])
        {
            // Discards the error about a process that has already ended.
            RedirectStandardError = true,
        })!;
        await kill.WaitForExitAsync();
    }

    private static async Task<(int ExitCode, string Output)> RunAsync(string program, string[] arguments)
    {
        using var process = Start(program, arguments);
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(StartTimeout);
        return (process.ExitCode, await output + await error);
    }

    /// <summary>Starts a program as a user that it accepts. It does not accept root.</summary>
    internal static Process Start(string program, string[] arguments)
    {
        var isRoot = Environment.UserName == "root";
        string[] command = isRoot
            ? ["setpriv", "--reuid", OrdinaryUser(), "--clear-groups", "--", program, .. arguments]
            : [program, .. arguments];
        return Process.Start(new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            // A folder that the ordinary user may enter.
            WorkingDirectory = Path.GetTempPath(),
        })!;
    }

    private static string OrdinaryUser() =>
        File.ReadLines("/etc/passwd").Any(line => line.StartsWith("postgres:", StringComparison.Ordinal))
            ? "postgres"
            : "nobody";
}
