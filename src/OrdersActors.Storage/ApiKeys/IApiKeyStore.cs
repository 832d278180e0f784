namespace OrdersActors.Storage;

/// <summary>The API keys, in the same database as the events.</summary>
public interface IApiKeyStore
{
    /// <summary>Makes a key and a secret for an organization and stores them. The secret is returned only here.</summary>
    /// <exception cref="InvalidOrderEventException">The organization id is not allowed.</exception>
    Task<NewApiKey> CreateAsync(string organizationId, CancellationToken cancellationToken = default);

    /// <summary>A key with its decrypted secret, revoked or not; null where there is none.</summary>
    Task<ApiKey?> FindAsync(string key, CancellationToken cancellationToken = default);

    /// <summary>All keys, oldest first, of one organization or of all. Secrets are not read.</summary>
    Task<IReadOnlyList<ApiKeyInfo>> ListAsync(string? organizationId, CancellationToken cancellationToken = default);

    /// <summary>Revokes a key for good. Null if there is no such key; a key that was revoked before keeps its first time.</summary>
    Task<KeyRevocation?> RevokeAsync(string key, CancellationToken cancellationToken = default);
}

/// <summary>A key as it is handed out, once.</summary>
/// <param name="OrganizationId">Whose key.</param>
/// <param name="Key">What a client shows.</param>
/// <param name="Secret">What signatures are made with; never shown again.</param>
public sealed record NewApiKey(string OrganizationId, string Key, string Secret)
{
    /// <summary>Says which key it is and keeps the secret out of logs.</summary>
    public override string ToString() => $"{Key} of {OrganizationId}";
}

/// <summary>A key as lists show it.</summary>
/// <param name="OrganizationId">Whose key.</param>
/// <param name="Key">What a client shows.</param>
/// <param name="CreatedAt">When it was made, UTC.</param>
/// <param name="RevokedAt">When it was revoked, UTC, or null while it is valid.</param>
public sealed record ApiKeyInfo(string OrganizationId, string Key, DateTimeOffset CreatedAt, DateTimeOffset? RevokedAt);

/// <summary>What revoking a key did.</summary>
/// <param name="OrganizationId">Whose key.</param>
/// <param name="RevokedAt">When it was revoked, UTC: now, or the first time.</param>
/// <param name="WasRevoked">Whether it had been revoked before, so that nothing was changed.</param>
public sealed record KeyRevocation(string OrganizationId, DateTimeOffset RevokedAt, bool WasRevoked);

/// <summary>A key as authentication needs it.</summary>
/// <param name="OrganizationId">Whose key.</param>
/// <param name="Secret">The decrypted secret.</param>
/// <param name="IsRevoked">Whether it has been revoked.</param>
public sealed record ApiKey(string OrganizationId, string Secret, bool IsRevoked)
{
    /// <summary>Keeps the secret out of logs.</summary>
    public override string ToString() => $"key of {OrganizationId}";
}
