using OrdersActors.Storage.Folders;

namespace OrdersActors.Storage.Sqlite;

/// <summary>
/// Holds a data directory for one process: a server while it runs, and commands that change what a server relies on. The
/// operating system gives it free when the process ends, however it ends.
/// </summary>
internal static class SqliteFolderLock
{
    private const string FileName = "server.lock";

    /// <summary>Takes the folder. Disposing the result gives it free.</summary>
    /// <exception cref="StorageException">Another process holds it, or the folder cannot be written.</exception>
    public static FileStream Take(string folder)
    {
        try
        {
            var path = Path.Combine(folder, FileName);
            PrivateFiles.Tighten(path);
            return new FileStream(path, PrivateFiles.Creating(FileMode.OpenOrCreate, FileShare.None));
        }
        catch (IOException e)
        {
            throw new StorageException($"the data directory {folder} is in use by another server or a command that changes it", e);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new StorageException($"the data directory {folder} cannot be written: {e.Message}", e);
        }
    }
}
