using System.Globalization;

namespace OrdersActors.Server.Commands.Doctor;

/// <summary>The process that listens on a port of this machine.</summary>
/// <param name="ProcessId">Its id.</param>
/// <param name="Name">The name of its program.</param>
/// <param name="IsServer">Whether it is a server of this product.</param>
internal sealed record PortUser(int ProcessId, string Name, bool IsServer)
{
    private const string Listening = "0A";
    private const string Server = "OrdersActors.Server";

    private static readonly string[] Tables = ["/proc/net/tcp", "/proc/net/tcp6"];

    /// <summary>
    /// Finds the process with the help of Linux's <c>/proc</c>; null if it belongs to another user, or if the system
    /// is another one.
    /// </summary>
    public static PortUser? Find(int port)
    {
        var sockets = Tables.Where(File.Exists)
            .SelectMany(File.ReadLines).Select(line => SocketOf(line, port)).OfType<string>().ToHashSet();
        return sockets.Count == 0 ? null : Processes().FirstOrDefault(process => Holds(process, sockets)) switch
        {
            0 => null,
            var process => Describe(process),
        };
    }

    /// <summary>The socket of a line of <c>/proc/net/tcp</c>, if it listens on the port.</summary>
    private static string? SocketOf(string line, int port)
    {
        // number: local-address:port remote-address:port state … inode
        var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return fields.Length > 9 && fields[3] == Listening
            && int.TryParse(
                fields[1].AsSpan(fields[1].LastIndexOf(':') + 1), NumberStyles.HexNumber, CultureInfo.InvariantCulture,
                out var local)
            && local == port
                ? $"socket:[{fields[9]}]"
                : null;
    }

    private static IEnumerable<int> Processes() => Directory.EnumerateDirectories("/proc")
        .Select(folder => int.TryParse(Path.GetFileName(folder), out var id) ? id : 0)
        .Where(id => id > 0);

    private static bool Holds(int process, HashSet<string> sockets)
    {
        try
        {
            return new DirectoryInfo($"/proc/{process}/fd").EnumerateFiles()
                .Any(file => file.LinkTarget is { } target && sockets.Contains(target));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It has ended, or it belongs to another user.
            return false;
        }
    }

    private static PortUser? Describe(int process)
    {
        try
        {
            var arguments = File.ReadAllText($"/proc/{process}/cmdline").Split('\0', 3);
            return new PortUser(
                process, File.ReadAllText($"/proc/{process}/comm").Trim(),
                arguments.Take(2).Any(argument => Path.GetFileNameWithoutExtension(argument) == Server
                    || Path.GetFileName(argument) == Server));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
