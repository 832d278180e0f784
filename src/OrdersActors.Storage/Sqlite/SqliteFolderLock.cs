using OrdersActors.Storage.Folders;

namespace OrdersActors.Storage.Sqlite;

/// <summary>
/// Locks a data directory for one process: a server while it runs, or a command that changes data which a server relies
/// on. The operating system releases the lock when the process ends, for whatever reason.
/// </summary>
internal static class SqliteFolderLock
{
    private const string FileName = "server.lock";

    /// <summary>Locks the folder. Disposing the result releases the lock.</summary>
    /// <exception cref="StorageException">Another process holds it, or the folder cannot be written.</exception>
    public static FileStream Take(string folder)
    {
        try
        {
            var path = Path.Combine(folder, FileName);
            PrivateFiles.RestrictMode(path);
            return new FileStream(path, PrivateFiles.CreateOptions(FileMode.OpenOrCreate, FileShare.None));
        }
        catch (IOException e)
        {
            throw new StorageException(
                $"the data directory {folder} is in use by another server or a command that changes it", e);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new StorageException($"the data directory {folder} cannot be written: {e.Message}", e);
        }
    }
}
