using Microsoft.AspNetCore.DataProtection;
using Microsoft.Data.Sqlite;
using OrdersActors.Storage.ApiKeys;

namespace OrdersActors.Storage.Sqlite;

/// <summary>
/// The API keys in the same database as the events. The store does not lock the folder, because the <c>keys</c> command
/// must work beside a running server, also one of another version. The table of API keys is the same in every released
/// schema, so the store uses an older schema without migrating it. Lookups are cached and therefore few, so each opens
/// its own connection.
/// </summary>
public sealed class SqliteApiKeyStore : IApiKeyStore
{
    private readonly SqliteDatabase _database;
    private readonly IDataProtector _protector;
    private readonly TimeProvider _time;

    /// <summary>Opens the database, and creates it if it is missing.</summary>
    /// <exception cref="StorageException">The folder or the file cannot be used.</exception>
    public SqliteApiKeyStore(SqliteStorageOptions options, IDataProtectionProvider protection, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        _database = new SqliteDatabase(options);
        _protector = ApiKeyProtection.ForSecrets(protection);
        _time = time;
    }

    /// <inheritdoc/>
    public async Task<NewApiKey> CreateAsync(string organizationId, CancellationToken cancellationToken = default)
    {
        var key = ApiKeyGenerator.New(organizationId);
        await RunAsync(connection =>
        {
            using var insert = new SqliteStatement(
                connection,
                "INSERT INTO api_keys (key, organization, protected_secret, created_at) VALUES ($0, $1, $2, $3)",
                4);
            insert[0] = key.Key;
            insert[1] = key.OrganizationId;
            insert[2] = _protector.Protect(key.Secret);
            insert[3] = _time.GetUtcNow().ToUnixTimeMilliseconds();
            return insert.Execute();
        }, cancellationToken);
        return key;
    }

    /// <inheritdoc/>
    public Task<ApiKey?> FindAsync(string key, CancellationToken cancellationToken = default) => RunAsync(connection =>
    {
        using var select = new SqliteStatement(
            connection, "SELECT organization, protected_secret, revoked_at FROM api_keys WHERE key = $0", 1);
        select[0] = key;
        using var rows = select.Read();
        return rows.Read()
            ? new ApiKey(
                rows.GetString(0), [new ApiKeySecret(1, _protector.UnprotectSecret(rows.GetString(1)))],
                ApiKeyAccess.Open, ExpiresAt: null, IsRevoked: !rows.IsDBNull(2))
            : null;
    }, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<ApiKeyInfo>> ListAsync(
        string? organizationId, CancellationToken cancellationToken = default) =>
        RunAsync<IReadOnlyList<ApiKeyInfo>>(connection =>
        {
            using var select = new SqliteStatement(connection, """
                SELECT organization, key, created_at, revoked_at FROM api_keys
                WHERE $0 IS NULL OR organization = $0 ORDER BY created_at, key
                """, 1);
            select[0] = organizationId;
            using var rows = select.Read();
            var keys = new List<ApiKeyInfo>();
            while (rows.Read())
            {
                keys.Add(new ApiKeyInfo(
                    rows.GetString(0), rows.GetString(1), DateTimeOffset.FromUnixTimeMilliseconds(rows.GetInt64(2)),
                    rows.IsDBNull(3) ? null : DateTimeOffset.FromUnixTimeMilliseconds(rows.GetInt64(3))));
            }

            return keys;
        }, cancellationToken);

    /// <inheritdoc/>
    public Task<KeyRevocation?> RevokeAsync(
        string key, CancellationToken cancellationToken = default) => RunAsync(connection =>
    {
        using var update = new SqliteStatement(
            connection, "UPDATE api_keys SET revoked_at = $1 WHERE key = $0 AND revoked_at IS NULL", 2);
        update[0] = key;
        update[1] = _time.GetUtcNow().ToUnixTimeMilliseconds();
        var wasRevoked = update.Execute() == 0;
        using var select = new SqliteStatement(
            connection, "SELECT organization, revoked_at FROM api_keys WHERE key = $0", 1);
        select[0] = key;
        using var rows = select.Read();
        return rows.Read()
            ? new KeyRevocation(
                rows.GetString(0), DateTimeOffset.FromUnixTimeMilliseconds(rows.GetInt64(1)), wasRevoked)
            : null;
    }, cancellationToken);

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
