namespace OrdersActors.Storage.Folders;

/// <summary>
/// The data directory and the folder of the key ring in it, as every server and command finds them.
/// </summary>
/// <remarks>
/// <list type="bullet">
/// <item><b>Owner.</b> The process must run as the user that owns the database. Files that another user (mostly root) created
/// in the folder would be unusable for the server, so such a process is refused before it creates any. Without a database
/// the folder's owner counts; a folder of root may be used by anybody who may write to it, because volumes are mounted so.</item>
/// <item><b>Mode.</b> A folder that is created gets 0700. One that exists and holds nothing of others is brought to 0700.
/// One that holds other files keeps its mode, because it may be somebody's home or <c>/tmp</c>; the files of the server are
/// 0600 anyway (<see cref="PrivateFiles"/>).</item>
/// </list>
/// </remarks>
internal static class DataFolder
{
    public const string DatabaseName = "orders.db";

    public const string KeyRingName = "data-protection-keys";

    private const uint Root = 0;

    private static readonly string[] OwnNames = [DatabaseName, "orders.mark", "server.lock", KeyRingName, ".probe-"];

    /// <summary>Creates the folder if it is missing, and checks and tightens it otherwise.</summary>
    /// <exception cref="StorageException">It cannot be created or written, or it belongs to another user.</exception>
    public static void Open(string folder)
    {
        Prepare(folder, Path.Combine(folder, DatabaseName), HoldsOnlyOwnFiles);
    }

    /// <summary>The same for the folder of the key ring, which is the server's alone.</summary>
    /// <exception cref="StorageException">It cannot be created or written, or it belongs to another user.</exception>
    public static string OpenKeyRing(string dataDirectory)
    {
        var folder = Path.Combine(dataDirectory, KeyRingName);
        CheckOwner(dataDirectory, Path.Combine(dataDirectory, DatabaseName));
        Prepare(folder, folder, static _ => true);
        foreach (var key in Directory.EnumerateFiles(folder, "*.xml"))
        {
            PrivateFiles.Tighten(key);
        }

        return folder;
    }

    private static void Prepare(string folder, string owned, Func<string, bool> mayTighten)
    {
        try
        {
            CheckOwner(folder, owned);
            PrivateFiles.CreateFolder(folder);
            if (IsMine(folder) && mayTighten(folder))
            {
                PrivateFiles.Tighten(folder);
            }

            var probe = Path.Combine(folder, $".probe-{Environment.ProcessId}-{Guid.NewGuid():N}");
            using (File.Create(probe, 1, FileOptions.DeleteOnClose))
            {
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new StorageException($"the data directory {folder} cannot be written: {e.Message}", e);
        }
    }

    private static void CheckOwner(string folder, string owned)
    {
        var isFolder = UnixFile.TryRead(owned) is null;
        if ((UnixFile.TryRead(owned) ?? UnixFile.TryRead(folder)) is { Owner: var owner }
            && UnixFile.CurrentUser is { } user && owner != user && !(isFolder && owner == Root))
        {
            throw new StorageException(
                $"{(isFolder ? "the data directory" : "the database in")} {folder} belongs to the user with id {owner}, and this "
                + $"process runs as {user}: run it as its owner, for example with: sudo -u '#{owner}'");
        }
    }

    private static bool IsMine(string folder) =>
        UnixFile.TryRead(folder) is { Owner: var owner } && owner == UnixFile.CurrentUser;

    private static bool HoldsOnlyOwnFiles(string folder) => Directory.EnumerateFileSystemEntries(folder)
        .All(entry => OwnNames.Any(name => Path.GetFileName(entry).StartsWith(name, StringComparison.Ordinal)));
}
