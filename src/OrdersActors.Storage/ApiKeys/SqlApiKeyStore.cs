using Microsoft.AspNetCore.DataProtection;

namespace OrdersActors.Storage.ApiKeys;

/// <summary>
/// The API keys in a table of a database. The statements are the same for every database; <see cref="ApiKeyRow"/>
/// describes the table. A statement may run twice, because a broken connection is replaced and the call repeated.
/// </summary>
public abstract class SqlApiKeyStore : IApiKeyStore
{
    private readonly IDataProtector _protector;
    private readonly TimeProvider _time;

    private protected SqlApiKeyStore(IDataProtectionProvider protection, TimeProvider time)
    {
        _protector = ApiKeyProtection.ForSecrets(protection);
        _time = time;
    }

    /// <inheritdoc/>
    public async Task<NewApiKey> CreateAsync(
        string organizationId, ApiKeySettings settings, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var key = ApiKeyGenerator.New(organizationId);
        object?[] first = [key.Key, organizationId, _protector.Protect(key.Secret), _time.GetUtcNow()];
        if (settings == new ApiKeySettings())
        {
            // Also works with the first schema.
            await ExecuteAsync(
                """
                INSERT INTO api_keys (key, organization, protected_secret, created_at) VALUES ($1, $2, $3, $4)
                ON CONFLICT (key) DO NOTHING
                """,
                first,
                cancellationToken);
            return key;
        }

        await CheckSchemaAsync(cancellationToken);
        await ExecuteAsync(
            """
            INSERT INTO api_keys (key, organization, protected_secret, created_at, access, expires_at)
            VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (key) DO NOTHING
            """,
            [.. first, ApiKeyText.Name(settings.Access), settings.ExpiresAt],
            cancellationToken);
        return key;
    }

    /// <inheritdoc/>
    public Task<NewApiKey> CreateAsync(string organizationId, CancellationToken cancellationToken = default) =>
        CreateAsync(organizationId, new ApiKeySettings(), cancellationToken);

    /// <inheritdoc/>
    public async Task<ApiKey?> FindAsync(string key, CancellationToken cancellationToken = default) =>
        (await FindRowAsync(key, cancellationToken))?.ToKey(_protector);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<ApiKeyInfo>> ListAsync(
        string? organizationId, CancellationToken cancellationToken = default)
    {
        var rows = await ReadAsync(
            "WHERE $1 OR organization = $2 ORDER BY created_at, key",
            [organizationId is null, organizationId ?? ""],
            cancellationToken);
        return rows.ConvertAll(row => row.ToInfo());
    }

    /// <inheritdoc/>
    public async Task<KeyRevocation?> RevokeAsync(string key, CancellationToken cancellationToken = default)
    {
        var changed = await ExecuteAsync(
            "UPDATE api_keys SET revoked_at = $2 WHERE key = $1 AND revoked_at IS NULL", [key, _time.GetUtcNow()],
            cancellationToken);
        return await FindRowAsync(key, cancellationToken) is { RevokedAt: { } at } row
            ? new KeyRevocation(row.OrganizationId, at, WasRevoked: changed == 0)
            : null;
    }

    /// <inheritdoc/>
    public async Task<KeyChange> UpdateAsync(
        string key, ApiKeyUpdate update, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(update);
        await CheckSchemaAsync(cancellationToken);
        await ExecuteAsync(
            """
            UPDATE api_keys
            SET access = coalesce($2, access), expires_at = CASE WHEN $3 THEN $4 ELSE expires_at END
            WHERE key = $1 AND revoked_at IS NULL
            """,
            [key, update.Access is { } access ? ApiKeyText.Name(access) : null, update.ChangesExpiry, update.ExpiresAt],
            cancellationToken);
        var row = await FindRowAsync(key, cancellationToken);
        return Refusal(row) ?? new KeyChange(KeyChangeOutcome.Changed, row!.ToInfo());
    }

    /// <inheritdoc/>
    public async Task<KeyChange> RotateAsync(string key, CancellationToken cancellationToken = default)
    {
        await CheckSchemaAsync(cancellationToken);
        var secret = ApiKeyGenerator.NewSecret();
        var stored = _protector.Protect(secret);
        await ExecuteAsync(
            """
            UPDATE api_keys
            SET next_secret = $2, next_secret_created_at = $3, last_secret_id = last_secret_id + 1
            WHERE key = $1 AND revoked_at IS NULL AND next_secret IS NULL
            """,
            [key, stored, _time.GetUtcNow()],
            cancellationToken);
        var row = await FindRowAsync(key, cancellationToken);
        return Refusal(row)
            // The number of changed rows would be wrong if the statement ran twice.
            ?? (row!.NextSecret == stored
                ? new KeyChange(KeyChangeOutcome.Changed, row.ToInfo(), secret)
                : new KeyChange(KeyChangeOutcome.HasTwoSecrets, row.ToInfo()));
    }

    /// <inheritdoc/>
    public async Task<KeyChange> EndRotationAsync(
        string key, bool keepNewer, CancellationToken cancellationToken = default)
    {
        await CheckSchemaAsync(cancellationToken);
        var before = await FindRowAsync(key, cancellationToken);
        if (Refusal(before) is { } refusal)
        {
            return refusal;
        }

        if (before!.NextSecret is null)
        {
            return new KeyChange(KeyChangeOutcome.HasOneSecret, before.ToInfo());
        }

        await ExecuteAsync(
            """
            UPDATE api_keys
            SET protected_secret = CASE WHEN $3 THEN next_secret ELSE protected_secret END,
                secret_id = CASE WHEN $3 THEN last_secret_id ELSE secret_id END,
                secret_created_at = CASE WHEN $3 THEN next_secret_created_at ELSE secret_created_at END,
                next_secret = NULL, next_secret_created_at = NULL
            WHERE key = $1 AND last_secret_id = $2 AND revoked_at IS NULL AND next_secret IS NOT NULL
            """,
            [key, before.LastSecretId, keepNewer],
            cancellationToken);
        var row = await FindRowAsync(key, cancellationToken);
        var left = keepNewer ? before.LastSecretId : before.SecretId;
        return Refusal(row)
            // Another operator may have ended the same rotation in the other way.
            ?? new KeyChange(
                row!.SecretId == left ? KeyChangeOutcome.Changed : KeyChangeOutcome.HasOneSecret, row.ToInfo());
    }

    /// <inheritdoc/>
    public abstract Task RecordUsesAsync(
        IReadOnlyCollection<ApiKeyUse> uses, CancellationToken cancellationToken = default);

    /// <summary>Runs a statement with the parameters $1, $2 … Returns the number of changed rows.</summary>
    /// <param name="sql">A constant.</param>
    /// <param name="parameters">
    /// Texts, numbers, booleans, times and nulls. The type of a null must follow from the statement.
    /// </param>
    /// <param name="cancellationToken">Ends the wait.</param>
    private protected abstract Task<int> ExecuteAsync(
        string sql, object?[] parameters, CancellationToken cancellationToken);

    /// <summary>Reads the rows that a condition selects, a constant with the parameters $1, $2 …</summary>
    private protected abstract Task<List<ApiKeyRow>> ReadAsync(
        string condition, object?[] parameters, CancellationToken cancellationToken);

    /// <summary>Checks that the table has the columns of this version.</summary>
    /// <exception cref="StorageException">It has only those of a previous version.</exception>
    private protected abstract Task CheckSchemaAsync(CancellationToken cancellationToken);

    private async Task<ApiKeyRow?> FindRowAsync(string key, CancellationToken cancellationToken) =>
        (await ReadAsync("WHERE key = $1", [key], cancellationToken)).SingleOrDefault();

    private static KeyChange? Refusal(ApiKeyRow? row) => row switch
    {
        null => new KeyChange(KeyChangeOutcome.NoSuchKey),
        { RevokedAt: not null } => new KeyChange(KeyChangeOutcome.Revoked, row.ToInfo()),
        _ => null,
    };
}
