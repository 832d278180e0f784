using System.Globalization;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Data.Sqlite;
using OrdersActors.Storage.ApiKeys;

namespace OrdersActors.Storage.Sqlite;

/// <summary>
/// The API keys in the same database as the events. The store does not lock the folder, because the <c>keys</c> command
/// must work beside a running server, also one of another version. So it does not migrate a schema either. On an older
/// one it creates open keys without expiry, and finds, lists and revokes keys. All other changes need columns that the
/// older schema does not have. They fail in one line, which says that a server of this version must start first.
/// Lookups are cached and therefore few, so each opens its own connection.
/// </summary>
public sealed class SqliteApiKeyStore : SqlApiKeyStore
{
    private readonly SqliteDatabase _database;

    /// <summary>Opens the database, and creates it if it is missing.</summary>
    /// <exception cref="StorageException">The folder or the file cannot be used.</exception>
    public SqliteApiKeyStore(SqliteStorageOptions options, IDataProtectionProvider protection, TimeProvider time)
        : base(protection, time)
    {
        ArgumentNullException.ThrowIfNull(options);
        _database = new SqliteDatabase(options);
    }

    /// <inheritdoc/>
    public override Task RecordUsesAsync(
        IReadOnlyCollection<ApiKeyUse> uses, CancellationToken cancellationToken = default) => RunAsync(
        connection =>
        {
            // One transaction, because each commit syncs the disk.
            using var transaction = connection.BeginTransaction(deferred: false);
            using var update = new SqliteStatement(connection, """
                UPDATE api_keys SET last_used_at = $1
                WHERE key = $0 AND (last_used_at IS NULL OR last_used_at < $1)
                """, 2);
            foreach (var use in uses)
            {
                (update[0], update[1]) = (use.Key, Stored(use.At));
                update.Execute();
            }

            transaction.Commit();
            return true;
        },
        cancellationToken);

    private protected override Task<int> ExecuteAsync(
        string sql, object?[] parameters, CancellationToken cancellationToken) => RunAsync(
        connection =>
        {
            using var command = Command(connection, sql, parameters);
            return command.ExecuteNonQuery();
        },
        cancellationToken);

    private protected override Task<List<ApiKeyRow>> ReadAsync(
        string condition, object?[] parameters, CancellationToken cancellationToken) => RunAsync(
        connection =>
        {
            var columns = HasAllColumns(connection) ? ApiKeyRow.Columns : ApiKeyRow.FirstColumns;
            using var command = Command(connection, $"SELECT {columns} FROM api_keys {condition}", parameters);
            using var rows = command.ExecuteReader();
            var keys = new List<ApiKeyRow>();
            while (rows.Read())
            {
                keys.Add(ApiKeyRow.Read(rows, ReadTime));
            }

            return keys;

            DateTimeOffset ReadTime(int column) => DateTimeOffset.FromUnixTimeMilliseconds(rows.GetInt64(column));
        },
        cancellationToken);

    private protected override Task CheckSchemaAsync(CancellationToken cancellationToken) => RunAsync(
        connection => HasAllColumns(connection)
            ? true
            : throw new StorageException(
                $"the database {connection.DataSource} is of a previous version, which has no access modes, expiry " +
                "dates and rotations of keys: start the server of this version, which migrates the database"),
        cancellationToken);

    // Another process may migrate at any time, but no process removes a column.
    private static bool HasAllColumns(SqliteConnection connection) =>
        SqliteSchema.Version(connection) >= SqliteSchema.KeyAccess;

    private static object Stored(DateTimeOffset time) => time.ToUnixTimeMilliseconds();

    private static SqliteCommand Command(SqliteConnection connection, string sql, object?[] parameters)
    {
        var command = connection.CreateCommand();
        // Every caller passes constants.
#pragma warning disable CA2100
        command.CommandText = sql;
#pragma warning restore CA2100
        foreach (var (index, value) in parameters.Index())
        {
            command.Parameters.AddWithValue(
                string.Create(CultureInfo.InvariantCulture, $"${index + 1}"),
                value switch { null => DBNull.Value, DateTimeOffset time => Stored(time), _ => value });
        }

        return command;
    }

    private Task<T> RunAsync<T>(
        Func<SqliteConnection, T> query, CancellationToken cancellationToken) => Task.Run(
        () =>
        {
            try
            {
                using var connection = _database.Open();
                return query(connection);
            }
            catch (SqliteException e)
            {
                throw SqliteErrors.ToUnavailable(e);
            }
        },
        cancellationToken);
}
