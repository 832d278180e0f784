using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using OrdersActors.Storage.Folders;
using SQLitePCL;

namespace OrdersActors.Storage.Sqlite;

/// <summary>The database file: where it is, how it is opened, and its folder.</summary>
internal sealed partial class SqliteDatabase
{
    public const string FileName = DataFolder.DatabaseName;

    // Another process (the keys command) holds the write lock for a few milliseconds at a time.
    private const int BusyTimeoutSeconds = 5;

    // Bytes. A long read lets the write-ahead log grow without a bound. After it has ended, the next commit that begins the log
    // again from its start cuts it to this. A flood without such a reader stays near it.
    private const int WriteAheadLogLimit = 16 * 1024 * 1024;

    private readonly string _connectionString;
    private readonly bool _fullDurability;
    private readonly ILogger? _logger;
    private int _isDamageLogged;

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
        _logger = owner;
        var check = owner is null ? null : new SqliteDamageCheck(Path.Combine(Folder, FileName), owner);
        Prepare();
        _connectionString = new SqliteConnectionStringBuilder
        {
            DataSource = Path.Combine(Folder, FileName),
            DefaultTimeout = BusyTimeoutSeconds,
            // Connections are kept by their owners, with their prepared commands.
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

    /// <summary>The folder and the files exist and are private before SQLite opens them: it would create them by the umask.</summary>
    private void Prepare()
    {
        DataFolder.Open(Folder);
        var path = Path.Combine(Folder, FileName);
        try
        {
            PrivateFiles.Ensure(path);
            PrivateFiles.Tighten(path + "-wal");
            PrivateFiles.Tighten(path + "-shm");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"the database {path} cannot be used: {e.Message}", e);
        }
    }

    /// <summary>Logs an error of a read or write if it is damage, once in the life of the process.</summary>
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

    /// <summary>Whether closing the last connection leaves the write-ahead log as it is.</summary>
    private static void KeepLog(SqliteConnection connection, bool keep) =>
        raw.sqlite3_db_config(connection.Handle, raw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, keep ? 1 : 0, out _);

    [LoggerMessage(1007, LogLevel.Error,
        "The database {Path} is damaged. Reads and writes of the damaged pages fail as unavailable, the others go on: stop the server and put a backup back with 'restore --from FILE'")]
    private static partial void LogDamaged(ILogger logger, Exception exception, string path);

    [LoggerMessage(1004, LogLevel.Information,
        "Brought the database {Path} from schema {Before} to schema {Now}; previous versions of the server cannot use it any more")]
    private static partial void LogMigrated(ILogger logger, string path, int before, int now);
}
