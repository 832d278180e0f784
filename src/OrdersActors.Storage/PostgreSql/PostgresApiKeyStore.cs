using Microsoft.AspNetCore.DataProtection;
using Npgsql;
using OrdersActors.Storage.ApiKeys;

namespace OrdersActors.Storage.PostgreSql;

/// <summary>
/// The API keys in the same database as the events. The <c>keys</c> command works beside running servers. Lookups are
/// cached and therefore few. They have their own pool of two connections, so they never wait behind a replay.
/// </summary>
public sealed class PostgresApiKeyStore : SqlApiKeyStore, IAsyncDisposable
{
    // Locks the rows in the order of their keys, so that two servers that record the same keys do not deadlock.
    private const string RecordUses = """
        WITH used AS (
            SELECT k.key, u.at FROM api_keys k JOIN unnest($1, $2) u (key, at) ON u.key = k.key
            WHERE k.last_used_at IS NULL OR k.last_used_at < u.at
            ORDER BY k.key FOR NO KEY UPDATE OF k)
        UPDATE api_keys k SET last_used_at = used.at FROM used WHERE k.key = used.key
        """;

    private readonly PostgresConnections _connections;
    private readonly TimeProvider _time;

    private PostgresApiKeyStore(PostgresConnections connections, IDataProtectionProvider protection, TimeProvider time)
        : base(protection, time)
    {
        _connections = connections;
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
    public override Task RecordUsesAsync(
        IReadOnlyCollection<ApiKeyUse> uses, CancellationToken cancellationToken = default) => ExecuteAsync(
        RecordUses,
        [uses.Select(use => use.Key).ToArray(), uses.Select(use => PostgresEventRow.ToStored(use.At)).ToArray()],
        cancellationToken);

    /// <summary>Closes the connections.</summary>
    public ValueTask DisposeAsync() => _connections.DisposeAsync();

    private protected override Task<int> ExecuteAsync(
        string sql, object?[] parameters, CancellationToken cancellationToken) =>
        RunAsync(sql, parameters, command => command.ExecuteNonQueryAsync(cancellationToken), cancellationToken);

    private protected override Task<List<ApiKeyRow>> ReadAsync(
        string condition, object?[] parameters, CancellationToken cancellationToken) => RunAsync(
        $"SELECT {ApiKeyRow.Columns} FROM api_keys {condition}",
        parameters,
        async command =>
        {
            var all = new List<ApiKeyRow>();
            await using var rows = await command.ExecuteReaderAsync(cancellationToken);
            while (await rows.ReadAsync(cancellationToken))
            {
                all.Add(ApiKeyRow.Read(rows, column => rows.GetDateTime(column)));
            }

            return all;
        },
        cancellationToken);

    // The schema was migrated when the store was opened.
    private protected override Task CheckSchemaAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static NpgsqlParameter Parameter(object? value) => new()
    {
        Value = value switch
        {
            null => DBNull.Value,
            DateTimeOffset time => PostgresEventRow.ToStored(time),
            _ => value,
        },
    };

    private async Task<T> RunAsync<T>(
        string sql, object?[] parameters, Func<NpgsqlCommand, Task<T>> run, CancellationToken cancellationToken)
    {
        try
        {
            return await _connections.UseAsync(
                async connection =>
                {
                    // Every caller passes constants.
#pragma warning disable CA2100
                    await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
                    command.Parameters.AddRange(Array.ConvertAll(parameters, Parameter));
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
