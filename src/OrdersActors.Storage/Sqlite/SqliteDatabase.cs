using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using OrdersActors.Storage.Folders;
using SQLitePCL;

namespace OrdersActors.Storage.Sqlite;

/// <summary>The database file: its location, its folder, and how it is opened.</summary>
internal sealed partial class SqliteDatabase
{
    public const string FileName = DataFolder.DatabaseName;

    // Another process (the keys command) holds the write lock for a few milliseconds at a time.
    public const int BusyTimeoutSeconds = 5;

    // In bytes. During a long read the write-ahead log grows without a bound. After that read, the next commit that
    // restarts the log from its beginning truncates it to this size. Under load without such a reader it stays near it.
    private const int WriteAheadLogLimit = 16 * 1024 * 1024;

    private readonly string _connectionString;
    private readonly bool _fullDurability;
    private readonly ILogger? _logger;
    private int _isDamageLogged;

    /// <summary>Creates the folder and the database if they are missing.</summary>
    /// <param name="options">The folder, and the number of partitions of a new database.</param>
    /// <param name="owner">
    /// The logger of the server that owns the folder: an older schema is then migrated, and a log message reports it.
    /// Null for commands, which may run beside a server of another version: they use an older schema without changing
    /// it.
    /// </param>
    /// <exception cref="StorageException">The folder or the file cannot be used.</exception>
    public SqliteDatabase(SqliteStorageOptions options, ILogger? owner = null)
    {
        Folder = Path.GetFullPath(options.DataDirectory);
        _fullDurability = options.FullDurability;
        _logger = owner;
        var check = owner is null ? null : new SqliteDamageCheck(Path.Combine(Folder, FileName), owner);
        Prepare();
        _connectionString = new SqliteConnectionStringBuilder
        {
            DataSource = Path.Combine(Folder, FileName),
            DefaultTimeout = BusyTimeoutSeconds,
            // Each owner keeps its connection open together with its prepared commands.
            Pooling = false,
        }.ToString();
        try
        {
            using var connection = Open(check is { MayHaveForeignLog: true });
            check?.Run(connection);
            KeepLog(connection, false);
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

    /// <summary>
    /// Ensures that the folder and the files exist and are private before SQLite opens them. SQLite would create them
    /// with the umask's mode.
    /// </summary>
    private void Prepare()
    {
        DataFolder.Open(Folder);
        var path = Path.Combine(Folder, FileName);
        try
        {
            PrivateFiles.Ensure(path);
            PrivateFiles.RestrictMode(path + "-wal");
            PrivateFiles.RestrictMode(path + "-shm");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"the database {path} cannot be used: {e.Message}", e);
        }
    }

    /// <summary>Logs an error of a read or write if it indicates damage, once per process.</summary>
    public void Report(SqliteException e)
    {
        if (SqliteErrors.IsDamage(e) && _logger is not null && Interlocked.Exchange(ref _isDamageLogged, 1) == 0)
        {
            LogDamaged(_logger, e, Path.Combine(Folder, FileName));
        }
    }

    /// <summary>Opens a connection. The caller owns it.</summary>
    public SqliteConnection Open() => Open(keepLog: false);

    private SqliteConnection Open(bool keepLog)
    {
        var connection = new SqliteConnection(_connectionString);
        try
        {
            connection.Open();
            KeepLog(connection, keepLog);
            // Without this "query planner stability" option, SQLite plans a prepared query again whenever a bound
            // number of its range changes. That is half of the cost of a small read.
            raw.sqlite3_db_config(connection.Handle, raw.SQLITE_DBCONFIG_ENABLE_QPSG, 1, out _);
            using var pragmas = connection.CreateCommand();
            // FULL: a commit returns after the write-ahead log is on disk.
            pragmas.CommandText = $"""
                PRAGMA journal_mode = WAL;
                PRAGMA synchronous = {(_fullDurability ? "FULL" : "NORMAL")};
                PRAGMA foreign_keys = ON;
                PRAGMA cache_size = -8000;
                PRAGMA journal_size_limit = {WriteAheadLogLimit};
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

    /// <summary>Sets whether the write-ahead log is left as it is when the last connection closes.</summary>
    public static void KeepLog(SqliteConnection connection, bool keep) =>
        raw.sqlite3_db_config(connection.Handle, raw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, keep ? 1 : 0, out _);

    [LoggerMessage(1007, LogLevel.Error,
        "The database {Path} is damaged. Reads and writes of the damaged pages fail as unavailable, all others " +
        "succeed. Stop the server and restore a backup with 'restore --from FILE'")]
    private static partial void LogDamaged(ILogger logger, Exception exception, string path);

    [LoggerMessage(1004, LogLevel.Information,
        "Migrated the database {Path} from schema {Before} to schema {Now}. Previous versions of the server can no " +
        "longer use it")]
    private static partial void LogMigrated(ILogger logger, string path, int before, int now);
}
