namespace OrdersActors.Storage.Folders;

/// <summary>
/// Prepares and checks the data directory and the key ring folder in it, in the same way for every server and command.
/// </summary>
/// <remarks>
/// <list type="bullet">
/// <item><b>Owner.</b> The process must run as the user that owns the database. The server could not use files that
/// another user (usually root) created in the folder, so such a process is rejected before it creates any. Without a
/// database the owner of the folder decides. A folder that root owns is accepted from any user who can write to it,
/// because volumes are often mounted like that.</item>
/// <item><b>Mode.</b> A new folder gets mode 0700. An existing folder is changed to 0700 if it contains only files of
/// the server. A folder with other files keeps its mode, because it may be a home directory or <c>/tmp</c>; the
/// server's own files have mode 0600 in any case (<see cref="PrivateFiles"/>).</item>
/// </list>
/// </remarks>
internal static class DataFolder
{
    public const string DatabaseName = "orders.db";

    public const string KeyRingName = "data-protection-keys";

    private const uint Root = 0;

    private static readonly string[] OwnNames = [DatabaseName, "orders.mark", "server.lock", KeyRingName, ".probe-"];

    /// <summary>Creates the folder if it is missing. Otherwise checks it and restricts its mode.</summary>
    /// <exception cref="StorageException">
    /// The folder cannot be created or written, or it belongs to another user.
    /// </exception>
    public static void Open(string folder)
    {
        Prepare(folder, Path.Combine(folder, DatabaseName), HoldsOnlyOwnFiles);
    }

    /// <summary>Does the same for the key ring folder, which contains only files of the server.</summary>
    /// <exception cref="StorageException">
    /// The folder cannot be created or written, or it belongs to another user.
    /// </exception>
    public static string OpenKeyRing(string dataDirectory)
    {
        var folder = Path.Combine(dataDirectory, KeyRingName);
        CheckOwner(dataDirectory, Path.Combine(dataDirectory, DatabaseName));
        Prepare(folder, folder, static _ => true);
        foreach (var key in Directory.EnumerateFiles(folder, "*.xml"))
        {
            PrivateFiles.RestrictMode(key);
        }

        return folder;
    }

    private static void Prepare(string folder, string owned, Func<string, bool> mayRestrict)
    {
        try
        {
            CheckOwner(folder, owned);
            PrivateFiles.CreateFolder(folder);
            if (IsOwned(folder) && mayRestrict(folder))
            {
                PrivateFiles.RestrictMode(folder);
            }

            var probe = Path.Combine(folder, $".probe-{Environment.ProcessId}-{Guid.NewGuid():N}");
            using (File.Create(probe, 1, FileOptions.DeleteOnClose))
            {
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException
            or ArgumentException or NotSupportedException)
        {
            throw new StorageException($"the data directory {folder} cannot be written: {e.Message}", e);
        }
    }

    /// <summary>Checks that this process runs as the owner of a file, or else of its folder.</summary>
    /// <exception cref="StorageException">It belongs to another user.</exception>
    public static void CheckOwner(string folder, string owned)
    {
        var isFolder = UnixFile.TryRead(owned) is null;
        if ((UnixFile.TryRead(owned) ?? UnixFile.TryRead(folder)) is { Owner: var owner }
            && UnixFile.CurrentUser is { } user && owner != user && !(isFolder && owner == Root))
        {
            throw new StorageException(
                $"{(isFolder ? "the data directory" : "the database in")} {folder} belongs to the user with id " +
                $"{owner}, but this process runs as {user}: run it as its owner, for example with: sudo -u '#{owner}'");
        }
    }

    private static bool IsOwned(string folder) =>
        UnixFile.TryRead(folder) is { Owner: var owner } && owner == UnixFile.CurrentUser;

    private static bool HoldsOnlyOwnFiles(string folder) => Directory.EnumerateFileSystemEntries(folder)
        .All(entry => OwnNames.Any(name => Path.GetFileName(entry).StartsWith(name, StringComparison.Ordinal)));
}
