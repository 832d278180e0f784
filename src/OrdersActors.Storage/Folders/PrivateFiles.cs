namespace OrdersActors.Storage.Folders;

/// <summary>
/// Creates files and folders that only their owner can read: modes 0600 and 0700, whatever the umask and the mode of
/// the parent folder. On Windows permissions are inherited from the folder, and this class changes none.
/// </summary>
internal static class PrivateFiles
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode FolderMode = OwnerOnly | UnixFileMode.UserExecute;

    /// <summary>Creates a folder and its missing parents. An existing folder keeps its mode.</summary>
    public static void CreateFolder(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, FolderMode);
        }
    }

    /// <summary>The options for creating a private file.</summary>
    public static FileStreamOptions CreateOptions(FileMode mode, FileShare share)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.ReadWrite, Share = share };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        return options;
    }

    /// <summary>Creates an empty file if it is missing. Removes other users' rights from an existing file.</summary>
    /// <remarks>
    /// An existing file is not opened, because closing it would release the locks that SQLite holds on it in this
    /// process.
    /// </remarks>
    public static void Ensure(string path)
    {
        if (!File.Exists(path))
        {
            try
            {
                new FileStream(path, CreateOptions(FileMode.CreateNew, FileShare.ReadWrite)).Dispose();
                return;
            }
            catch (IOException) when (File.Exists(path))
            {
                // Another process created it first, with the same code.
            }
        }

        RestrictMode(path);
    }

    /// <summary>Removes other users' rights from a file or folder, if it exists.</summary>
    public static void RestrictMode(string path)
    {
        var isFolder = Directory.Exists(path);
        if (OperatingSystem.IsWindows() || (!isFolder && !File.Exists(path)))
        {
            return;
        }

        var mode = File.GetUnixFileMode(path);
        var kept = mode & FolderMode;
        if (mode != kept)
        {
            File.SetUnixFileMode(path, kept);
        }
    }
}
