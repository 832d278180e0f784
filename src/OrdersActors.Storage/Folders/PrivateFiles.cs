namespace OrdersActors.Storage.Folders;

/// <summary>
/// Files and folders that only their owner may read: 0600 and 0700, whatever the umask and the mode of the folder around
/// them. On Windows the folder's permissions are inherited and nothing is done here.
/// </summary>
internal static class PrivateFiles
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode FolderMode = OwnerOnly | UnixFileMode.UserExecute;

    /// <summary>Creates a folder and those above it that are missing. One that exists keeps its mode.</summary>
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

    /// <summary>How a private file is created.</summary>
    public static FileStreamOptions Creating(FileMode mode, FileShare share)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.ReadWrite, Share = share };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        return options;
    }

    /// <summary>Creates an empty file if it is missing, and takes others' rights from one that exists.</summary>
    /// <remarks>
    /// An existing file is not opened: closing it would end the locks that SQLite holds on it in this process.
    /// </remarks>
    public static void Ensure(string path)
    {
        if (!File.Exists(path))
        {
            try
            {
                new FileStream(path, Creating(FileMode.CreateNew, FileShare.ReadWrite)).Dispose();
                return;
            }
            catch (IOException) when (File.Exists(path))
            {
                // Another process was faster; it uses this code, too.
            }
        }

        Tighten(path);
    }

    /// <summary>Takes others' rights from a file or folder, if it exists and has them.</summary>
    public static void Tighten(string path)
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
