using Microsoft.Data.Sqlite;
using OrdersActors.Storage.EventLog;

namespace OrdersActors.Storage.Sqlite;

/// <summary>The epoch of the log in a data directory, for operators' commands.</summary>
public sealed class SqliteEpochStore : IEpochStore
{
    private readonly SqliteStorageOptions _options;
    private readonly string _folder;

    /// <summary>Stores the settings. The database is opened by each call.</summary>
    public SqliteEpochStore(SqliteStorageOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _folder = Path.GetFullPath(options.DataDirectory);
    }

    /// <inheritdoc/>
    public string Location => Path.Combine(_folder, SqliteDatabase.FileName);

    /// <inheritdoc/>
    public Task<string?> FindAsync(CancellationToken cancellationToken = default) =>
        Task.Run(() => Run(statements => statements.Find()), cancellationToken);

    /// <inheritdoc/>
    public Task<string> BeginAsync(CancellationToken cancellationToken = default) => Task.Run(
        () =>
        {
            // A running server caches its epoch and would not notice the new one.
            using var held = File.Exists(Location) ? SqliteFolderLock.Take(_folder) : null;
            return Run(statements =>
            {
                var epoch = LogEpoch.New();
                // The mark is written before the database, as in SqliteEpoch.
                using var mark = SqliteMark.Create(_folder, epoch, statements.Newest());
                statements.Begin(epoch);
                return epoch;
            });
        },
        cancellationToken);

    private T Run<T>(Func<SqliteEpochStatements, T> query)
    {
        if (!File.Exists(Location))
        {
            throw new StorageException($"there is no database {Location}");
        }

        try
        {
            using var connection = new SqliteDatabase(_options).Open();
            using var statements = new SqliteEpochStatements(connection);
            return query(statements);
        }
        catch (SqliteException e)
        {
            throw new StorageException($"the database in {_folder} cannot be used: {SqliteErrors.Describe(e)}", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"the data directory {_folder} cannot be written: {e.Message}", e);
        }
    }
}
