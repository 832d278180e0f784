using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using SQLitePCL;

namespace OrdersActors.Storage.Sqlite;

/// <summary>The database file: where it is, how it is opened, and its folder.</summary>
internal sealed partial class SqliteDatabase
{
    public const string FileName = "orders.db";

    // Another process (the keys command) holds the write lock for a few milliseconds at a time.
    private const int BusyTimeoutSeconds = 5;

    private readonly string _connectionString;
    private readonly bool _fullDurability;

    /// <summary>Creates the folder and the database if they are missing.</summary>
    /// <param name="options">The folder, and the number of partitions of a new database.</param>
    /// <param name="owner">
    /// The log of the server that holds the folder: an older schema is brought up to date, and it says so. Null for
    /// commands, which may run beside a server of another version: they use an older schema as it is.
    /// </param>
    /// <exception cref="StorageException">The folder or the file cannot be used.</exception>
    public SqliteDatabase(SqliteStorageOptions options, ILogger? owner = null)
    {
        Folder = Path.GetFullPath(options.DataDirectory);
        _fullDurability = options.FullDurability;
        CreateFolder(Folder);
        _connectionString = new SqliteConnectionStringBuilder
        {
            DataSource = Path.Combine(Folder, FileName),
            DefaultTimeout = BusyTimeoutSeconds,
            // Connections are kept by their owners, with their prepared commands.
            Pooling = false,
        }.ToString();
        try
        {
            using var connection = Open();
            if (owner is not null || SqliteSchema.Version(connection) == 0)
            {
                (PartitionCount, var before) = SqliteSchema.Migrate(connection, options.PartitionCount);
                if (owner is not null && before > 0 && before < SqliteSchema.Newest)
                {
                    LogMigrated(owner, connection.DataSource, before, SqliteSchema.Newest);
                }
            }
        }
        catch (SqliteException e)
        {
            throw new StorageException($"the database in {Folder} cannot be used: {SqliteErrors.Describe(e)}", e);
        }
    }

    public string Folder { get; }

    /// <summary>The number of partitions that the database was created with; 0 if a command opened it.</summary>
    public int PartitionCount { get; }

    /// <summary>Makes a folder that only its owner may look into.</summary>
    /// <exception cref="StorageException">It cannot be made or written.</exception>
    public static void CreateFolder(string folder)
    {
        try
        {
            if (OperatingSystem.IsWindows())
            {
                Directory.CreateDirectory(folder);
            }
            else
            {
                Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
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

    /// <summary>Opens a connection. The caller owns it.</summary>
    public SqliteConnection Open()
    {
        var connection = new SqliteConnection(_connectionString);
        try
        {
            connection.Open();
            // Without this "query planner stability", SQLite plans a prepared query anew whenever a bound number of its range changes:
            // half of the cost of a small read.
            raw.sqlite3_db_config(connection.Handle, raw.SQLITE_DBCONFIG_ENABLE_QPSG, 1, out _);
            using var pragmas = connection.CreateCommand();
            // FULL: a commit returns when the write-ahead log is on the disk.
            pragmas.CommandText = $"""
                PRAGMA journal_mode = WAL;
                PRAGMA synchronous = {(_fullDurability ? "FULL" : "NORMAL")};
                PRAGMA foreign_keys = ON;
                PRAGMA cache_size = -16000;
                """;
            pragmas.ExecuteNonQuery();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    [LoggerMessage(1004, LogLevel.Information,
        "Brought the database {Path} from schema {Before} to schema {Now}; previous versions of the server cannot use it any more")]
    private static partial void LogMigrated(ILogger logger, string path, int before, int now);
}
