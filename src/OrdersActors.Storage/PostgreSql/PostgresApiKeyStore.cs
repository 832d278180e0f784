using System.Data.Common;
using Microsoft.AspNetCore.DataProtection;
using Npgsql;
using OrdersActors.Storage.ApiKeys;

namespace OrdersActors.Storage.PostgreSql;

/// <summary>
/// The API keys in the same database as the events. The <c>keys</c> command works beside running servers. Lookups are
/// cached and therefore few. They have their own pool of two connections, so they never wait behind a replay.
/// </summary>
public sealed class PostgresApiKeyStore : IApiKeyStore, IAsyncDisposable
{
    private readonly PostgresConnections _connections;
    private readonly IDataProtector _protector;
    private readonly TimeProvider _time;

    private PostgresApiKeyStore(PostgresConnections connections, IDataProtectionProvider protection, TimeProvider time)
    {
        _connections = connections;
        _protector = ApiKeyProtection.ForSecrets(protection);
        _time = time;
    }

    /// <summary>Opens the store, and migrates the schema if necessary.</summary>
    /// <param name="options">The database.</param>
    /// <param name="protection">Encrypts the secrets.</param>
    /// <param name="time">The clock.</param>
    /// <param name="onMigrate">Called with one line before an existing schema is changed.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="StorageException">
    /// The database cannot be used, or its schema is of a later version.
    /// </exception>
    public static async Task<PostgresApiKeyStore> OpenAsync(
        PostgresStorageOptions options,
        IDataProtectionProvider protection,
        TimeProvider time,
        Action<string>? onMigrate = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        var connections = PostgresConnections.ForKeys(options, time);
        try
        {
            await PostgresStartCheck.RunAsync(connections, cancellationToken);
            await PostgresSchema.MigrateAsync(connections, options, onMigrate, cancellationToken);
            return new PostgresApiKeyStore(connections, protection, time);
        }
        catch
        {
            await connections.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public async Task<NewApiKey> CreateAsync(string organizationId, CancellationToken cancellationToken = default)
    {
        var key = ApiKeyGenerator.New(organizationId);
        await RunAsync(
            """
            INSERT INTO api_keys (key, organization, protected_secret, created_at) VALUES ($1, $2, $3, $4)
            ON CONFLICT (key) DO NOTHING -- the key exists if a retry repeats the insert
            """,
            [key.Key, organizationId, _protector.Protect(key.Secret), Now()],
            async command => await command.ExecuteNonQueryAsync(cancellationToken),
            cancellationToken);
        return key;
    }

    /// <inheritdoc/>
    public async Task<ApiKey?> FindAsync(string key, CancellationToken cancellationToken = default)
    {
        var keys = await ReadAsync(
            "SELECT organization, protected_secret, revoked_at FROM api_keys WHERE key = $1", [key],
            row => new ApiKey(
                row.GetString(0), [new ApiKeySecret(1, _protector.UnprotectSecret(row.GetString(1)))],
                ApiKeyAccess.Open, ExpiresAt: null, IsRevoked: !row.IsDBNull(2)),
            cancellationToken);
        return keys.SingleOrDefault();
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<ApiKeyInfo>> ListAsync(
        string? organizationId, CancellationToken cancellationToken = default) =>
        await ReadAsync(
            "SELECT organization, key, created_at, revoked_at FROM api_keys WHERE $1 OR organization = $2 " +
            "ORDER BY created_at, key",
            [organizationId is null, organizationId ?? ""],
            row => new ApiKeyInfo(
                row.GetString(0), row.GetString(1), row.GetDateTime(2), row.IsDBNull(3) ? null : row.GetDateTime(3)),
            cancellationToken);

    /// <inheritdoc/>
    public async Task<KeyRevocation?> RevokeAsync(string key, CancellationToken cancellationToken = default)
    {
        var changed = await RunAsync(
            "UPDATE api_keys SET revoked_at = $2 WHERE key = $1 AND revoked_at IS NULL", [key, Now()],
            command => command.ExecuteNonQueryAsync(cancellationToken),
            cancellationToken);
        var keys = await ReadAsync(
            "SELECT organization, revoked_at FROM api_keys WHERE key = $1", [key],
            row => new KeyRevocation(row.GetString(0), row.GetDateTime(1), WasRevoked: changed == 0),
            cancellationToken);
        return keys.SingleOrDefault();
    }

    /// <summary>Closes the connections.</summary>
    public ValueTask DisposeAsync() => _connections.DisposeAsync();

    private DateTime Now() => PostgresEventRow.ToStored(_time.GetUtcNow());

    private Task<List<T>> ReadAsync<T>(
        string sql, object[] parameters, Func<DbDataReader, T> read, CancellationToken cancellationToken) => RunAsync(
        sql,
        parameters,
        async command =>
        {
            var all = new List<T>();
            await using var rows = await command.ExecuteReaderAsync(cancellationToken);
            while (await rows.ReadAsync(cancellationToken))
            {
                all.Add(read(rows));
            }

            return all;
        },
        cancellationToken);

    private async Task<T> RunAsync<T>(
        string sql, object[] parameters, Func<NpgsqlCommand, Task<T>> run, CancellationToken cancellationToken)
    {
        try
        {
            return await _connections.UseAsync(
                async connection =>
                {
                    // Every caller passes a constant.
#pragma warning disable CA2100
                    await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
                    command.Parameters.AddRange(
                        Array.ConvertAll(parameters, value => new NpgsqlParameter { Value = value }));
                    return await run(command);
                },
                cancellationToken).WaitAsync(_connections.ReadTimeout, _time, cancellationToken);
        }
        catch (Exception e) when (PostgresErrors.IsDatabase(e))
        {
            throw PostgresErrors.ToUnavailable(e);
        }
    }
}
