using System.Globalization;
using OrdersActors.FrontEnd;
using OrdersActors.Server.Hosting;

namespace OrdersActors.Server.Commands.Doctor;

/// <summary>The limits that the operating system sets for a process: open files, and watches of files.</summary>
internal static class ProcessLimits
{
    // The database, the log, the connections to other servers, and the runtime's own files.
    private const int OtherFiles = 500;
    private const int LeastFiles = 1024;

    private const string Limits = "/proc/self/limits";

    /// <summary>
    /// Checks the limit of open files against the connections that the settings allow. The runtime raises the soft
    /// limit to the hard one when a process starts, so the limit of this process is that of a server in its place.
    /// </summary>
    public static void CheckFiles(DoctorContext context, Findings findings)
    {
        if (ReadFileLimit() is not { } limit)
        {
            findings.Skip($"{Limits} does not exist on this system");
            return;
        }

        var needed = context.HoldsConnections ? NeededFiles(context.Configuration) : LeastFiles;
        if (needed is null)
        {
            findings.Skip(DoctorContext.NeedsSettings);
        }
        else if (limit < needed)
        {
            findings.Report(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"a process may have {limit} open files here, and the settings allow connections for {needed}"),
                "raise the limit (systemd: LimitNOFILE=1048576; container: --ulimit nofile=1048576), or lower "
                + "OrdersActors:FrontEnd:MaxConnections and OrdersActors:FrontEnd:MaxHttpConnections");
        }
        else
        {
            findings.Ok(string.Create(
                CultureInfo.InvariantCulture, $"a process may have {limit} open files, {needed} are needed"));
        }
    }

    /// <summary>
    /// Checks that a folder can be watched. Only Kestrel's endpoints with certificates need it: they load a replaced
    /// certificate when inotify reports it, and do not start without inotify.
    /// </summary>
    public static void CheckInotify(DoctorContext context, Findings findings)
    {
        var isNeeded = context.Configuration.GetSection("Kestrel:Endpoints").GetChildren()
            .Any(endpoint => endpoint["Certificate:Path"] is { Length: > 0 });
        try
        {
            using var watcher = new FileSystemWatcher(AppContext.BaseDirectory) { EnableRaisingEvents = true };
            findings.Ok("files can be watched");
        }
        catch (IOException e)
        {
            const string fix = "raise fs.inotify.max_user_instances and fs.inotify.max_user_watches with sysctl, or "
                + "end programs of the same user that watch files";
            var message = $"files cannot be watched: {ConsoleLogging.OneLine(e.Message)}";
            if (isNeeded)
            {
                findings.Report(message + "; the endpoints with certificates of Kestrel need it", fix);
            }
            else
            {
                findings.Warn(message + "; these settings do not need it", fix);
            }
        }
    }

    private static long? NeededFiles(IConfiguration configuration)
    {
        try
        {
            var options = configuration.GetSection("OrdersActors:FrontEnd").Get<FrontEndOptions>()
                ?? new FrontEndOptions();
            return (long)options.MaxConnections + options.MaxHttpConnections + OtherFiles;
        }
        catch (InvalidOperationException)
        {
            // A value has the wrong type. The check of the settings reports it.
            return null;
        }
    }

    /// <summary>The soft limit of this process; null if the system has no such file.</summary>
    private static long? ReadFileLimit()
    {
        if (!File.Exists(Limits))
        {
            return null;
        }

        // Max open files            1024                 1048576              files
        const string name = "Max open files";
        var line = File.ReadLines(Limits).FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal));
        var soft = line?[name.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault();
        return soft == "unlimited" ? long.MaxValue
            : long.TryParse(soft, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) ? limit
            : null;
    }
}
