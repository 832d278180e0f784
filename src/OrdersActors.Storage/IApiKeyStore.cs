namespace OrdersActors.Storage;

/// <summary>The API keys, in the same database as the events.</summary>
public interface IApiKeyStore
{
    /// <summary>
    /// Makes a key and a secret for an organization and stores them. The secret is returned only here.
    /// </summary>
    /// <exception cref="InvalidOrderEventException">The organization id is not allowed.</exception>
    Task<NewApiKey> CreateAsync(string organizationId, CancellationToken cancellationToken = default);

    /// <summary>Returns a key with its decrypted secret, revoked or not; null if there is no such key.</summary>
    Task<ApiKey?> FindAsync(string key, CancellationToken cancellationToken = default);

    /// <summary>Lists all keys, oldest first, of one organization or of all. Secrets are not read.</summary>
    Task<IReadOnlyList<ApiKeyInfo>> ListAsync(string? organizationId, CancellationToken cancellationToken = default);

    /// <summary>
    /// Revokes a key permanently. Returns null if there is no such key. A key that was already revoked keeps its first
    /// revocation time.
    /// </summary>
    Task<KeyRevocation?> RevokeAsync(string key, CancellationToken cancellationToken = default);
}

/// <summary>A new key. Its secret is returned only once.</summary>
/// <param name="OrganizationId">The owner of the key.</param>
/// <param name="Key">The key, which a client sends when it connects.</param>
/// <param name="Secret">The secret that signs connects; never shown again.</param>
public sealed record NewApiKey(string OrganizationId, string Key, string Secret)
{
    /// <summary>Names the key and keeps the secret out of logs.</summary>
    public override string ToString() => $"{Key} of {OrganizationId}";
}

/// <summary>A key in a list.</summary>
/// <param name="OrganizationId">The owner of the key.</param>
/// <param name="Key">The key, which a client sends when it connects.</param>
/// <param name="CreatedAt">When it was created, UTC.</param>
/// <param name="RevokedAt">When it was revoked, UTC; null while it is valid.</param>
public sealed record ApiKeyInfo(string OrganizationId, string Key, DateTimeOffset CreatedAt, DateTimeOffset? RevokedAt);

/// <summary>The result of revoking a key.</summary>
/// <param name="OrganizationId">The owner of the key.</param>
/// <param name="RevokedAt">When it was revoked, UTC: now, or at the first revocation.</param>
/// <param name="WasRevoked">Whether it had already been revoked, so that nothing changed.</param>
public sealed record KeyRevocation(string OrganizationId, DateTimeOffset RevokedAt, bool WasRevoked);

/// <summary>A key for authentication.</summary>
/// <param name="OrganizationId">The owner of the key.</param>
/// <param name="Secrets">The decrypted secrets that are valid, newest first: two during a rotation, else one.</param>
/// <param name="Access">What the key allows without a proof.</param>
/// <param name="ExpiresAt">When the key ends by itself, UTC; null if never.</param>
/// <param name="IsRevoked">Whether it has been revoked.</param>
public sealed record ApiKey(
    string OrganizationId, IReadOnlyList<ApiKeySecret> Secrets, ApiKeyAccess Access, DateTimeOffset? ExpiresAt,
    bool IsRevoked)
{
    /// <summary>Keeps the secrets out of logs.</summary>
    public override string ToString() => $"key of {OrganizationId}";

    /// <summary>Whether the key may be used at a time.</summary>
    public bool IsValidAt(DateTimeOffset time) => !IsRevoked && (ExpiresAt is null || time < ExpiresAt);
}

/// <summary>A secret of a key.</summary>
/// <param name="Id">The number of the secret within its key: 1, 2, 3 …; a rotation creates the next one.</param>
/// <param name="Value">The decrypted secret.</param>
public sealed record ApiKeySecret(int Id, string Value)
{
    /// <summary>Keeps the secret out of logs.</summary>
    public override string ToString() => $"secret {Id}";
}

/// <summary>What a key allows without a signature or a token.</summary>
public enum ApiKeyAccess
{
    /// <summary>Subscriptions to orders whose id the client knows.</summary>
    Open,

    /// <summary>Nothing: each subscription needs a signature or a token.</summary>
    Restricted,
}
