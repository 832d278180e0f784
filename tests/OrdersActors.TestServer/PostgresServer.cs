using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;

namespace OrdersActors.TestServer;

/// <summary>
/// A real PostgreSQL of the test's own: the system's binaries, a temporary folder, a free port of 127.0.0.1. PostgreSQL does not
/// run as root, so where the tests do, it runs as an ordinary user. It ends with the tests' process, even where that is killed.
/// </summary>
public sealed class PostgresServer : IAsyncDisposable
{
    private const string User = "postgres";

    // Reads until its input ends, which it does when the process of the tests does, however that is.
    private const string Watch = """
        read -r _
        pid=$(head -n 1 "$1/postmaster.pid" 2>/dev/null) && grep -qsF "$1" "/proc/$pid/cmdline" && kill -QUIT "$pid" && kill -CONT "$pid"
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
        _watch = Process.Start(new ProcessStartInfo("sh", ["-c", Watch, "sh", _folder]) { RedirectStandardInput = true })!;
    }

    /// <summary>The superuser's password, for tests that look for it where it must not be.</summary>
    public const string Password = "a-password-that-no-log-holds";

    /// <summary>The folder of PostgreSQL's programs, or null where it is not installed.</summary>
    public static string? Binaries { get; } = FindBinaries();

    /// <summary>The port it listens on, running or not.</summary>
    public int Port => _port;

    /// <summary>The postmaster's process id.</summary>
    public int ProcessId => _process!.Id;

    /// <summary>The processor time of all its processes since it was started last, those that have ended included.</summary>
    public TimeSpan ProcessorTime => TimeSpan.FromSeconds(Processes().Sum(ProcessorSeconds));

    /// <summary>What it has printed since it was started last.</summary>
    public string Output => _output?.ToString() ?? "";

    /// <summary>Makes a cluster and starts it. Settings are PostgreSQL's own, as <c>name=value</c>.</summary>
    public static async Task<PostgresServer> StartAsync(params string[] settings)
    {
        var server = new PostgresServer(
            Binaries ?? throw new InvalidOperationException("PostgreSQL is not installed: apt-get install postgresql"), settings);
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
    /// Makes a standby that streams from this one and starts it. A commit is acknowledged when it is on the standby as well, so a promotion
    /// loses nothing.
    /// </summary>
    public async Task<PostgresServer> StartStandbyAsync()
    {
        var standby = new PostgresServer(_binaries, _settings);
        try
        {
            var (exitCode, output) = await RunAsync(
                Path.Combine(_binaries, "pg_basebackup"),
                ["-D", standby._folder, "-R", "-X", "stream", "--checkpoint=fast", "--no-sync", "-d", ConnectionUri("postgres")]);
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

    /// <summary>Makes a standby the primary.</summary>
    public async Task PromoteAsync()
    {
        var (exitCode, output) = await RunAsync(Path.Combine(_binaries, "pg_ctl"), ["promote", "-w", "-D", _folder]);
        if (exitCode != 0)
        {
            throw new InvalidOperationException(output);
        }
    }

    /// <summary>A connection string for one of its databases, as the superuser or as another one.</summary>
    public string ConnectionString(string database, string user = User, string password = Password, string host = "127.0.0.1") => string.Create(
        CultureInfo.InvariantCulture, $"Host={host};Port={_port};Database={database};Username={user};Password={password}");

    /// <summary>Makes a database.</summary>
    public async Task<PostgresDatabase> CreateDatabaseAsync()
    {
        var database = new PostgresDatabase(this, $"test_{Guid.NewGuid():N}");
        await SqlAsync("postgres", $"CREATE DATABASE {database.Name}");
        return database;
    }

    /// <summary>Runs SQL as the superuser, and returns what it printed: a line a row, columns parted by bars.</summary>
    public async Task<string> SqlAsync(string database, string sql)
    {
        var (exitCode, output) = await RunAsync(
            Path.Combine(_binaries, "psql"), ["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", sql, ConnectionUri(database)]);
        return exitCode == 0 ? output.Trim() : throw new InvalidOperationException(output);
    }

    /// <summary>Starts it on the same data and port.</summary>
    public async Task StartAgainAsync()
    {
        string[] arguments =
        [
            "-D", _folder, "-p", $"{_port}", "-h", "127.0.0.1", "-k", "",
            // What the tests kill is a process and never the machine, so what the system holds is safe.
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
                // Processes of the one that was killed may hold its memory for a moment yet.
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

    /// <summary>Stops it as an operator does who does not wait for its clients ("fast"): they are told, and cut off.</summary>
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

    /// <summary>SIGKILL, to all of its processes: what a crash leaves behind.</summary>
    public async Task KillAsync()
    {
        await SignalAsync("KILL", Processes());
        await _process!.WaitForExitAsync().WaitAsync(StartTimeout);
    }

    /// <summary>Stops it, copies its data, and starts it again. A copy made before is replaced.</summary>
    public async Task CopyAsync()
    {
        await StopAsync();
        await CopyFolderAsync(_folder, CopyFolder);
        await StartAgainAsync();
    }

    /// <summary>Puts the copy in the place of its data, while it does not run: as if nothing had happened since.</summary>
    public Task RestoreCopyAsync() => CopyFolderAsync(CopyFolder, _folder);

    /// <summary>SIGSTOP to all of its processes: it holds its connections and answers nothing.</summary>
    public Task FreezeAsync() => SignalAsync("STOP", Processes());

    /// <summary>SIGCONT to all of its processes.</summary>
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

        // With owners and modes, which PostgreSQL insists on.
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
                "-D", _folder, "-U", User, "-A", "scram-sha-256", $"--pwfile={password}", "--no-sync", "--locale=C", "--encoding=UTF8",
            ]);
            if (exitCode != 0)
            {
                throw new InvalidOperationException(output);
            }

            // For servers in networks of the test's own; it listens there only where its settings say so.
            await File.AppendAllTextAsync(Path.Combine(_folder, "pg_hba.conf"), "host all all samenet scram-sha-256\n");
        }
        finally
        {
            File.Delete(password);
        }
    }

    /// <summary>Whether it takes connections. Its socket is open before it does.</summary>
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

        var (exitCode, _) = await RunAsync(Path.Combine(_binaries, "pg_isready"), ["-q", "-h", "127.0.0.1", "-p", $"{_port}"]);
        return exitCode == 0;
    }

    private string ConnectionUri(string database) => $"postgresql://{User}:{Password}@127.0.0.1:{_port}/{database}";

    /// <summary>The postmaster and its children, which are of its kind.</summary>
    private int[] Processes() =>
    [
        ProcessId,
        .. Directory.GetDirectories("/proc")
            .Select(folder => int.TryParse(Path.GetFileName(folder), out var id) ? id : 0)
            .Where(id => id > 0 && ParentOf(id) == ProcessId),
    ];

    private static int ParentOf(int process) => (int)(Stat(process) is { } fields ? fields[1] : 0);

    /// <summary>Its own and that of its children that have ended; the system counts both, in hundredths of a second.</summary>
    private static double ProcessorSeconds(int process) => Stat(process) is { } fields ? fields[11..15].Sum() / 100.0 : 0;

    /// <summary>The system's account of a process, from its state on; null where it has ended.</summary>
    private static long[]? Stat(int process)
    {
        try
        {
            // "pid (name) state parent …", and a name may hold anything.
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
            // One that has ended meanwhile is no news.
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

    /// <summary>Starts one of its programs as a user that it accepts, which root is not.</summary>
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
            // One that the ordinary user may enter.
            WorkingDirectory = Path.GetTempPath(),
        })!;
    }

    private static string OrdinaryUser() =>
        File.ReadLines("/etc/passwd").Any(line => line.StartsWith("postgres:", StringComparison.Ordinal)) ? "postgres" : "nobody";
}
