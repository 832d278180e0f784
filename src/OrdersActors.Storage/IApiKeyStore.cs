namespace OrdersActors.Storage;

/// <summary>The API keys, in the same database as the events.</summary>
public interface IApiKeyStore
{
    /// <summary>
    /// Makes a key and a secret for an organization and stores them. The secret is returned only here.
    /// </summary>
    /// <exception cref="InvalidOrderEventException">The organization id is not allowed.</exception>
    /// <exception cref="StorageException">The stored schema is too old for these settings.</exception>
    Task<NewApiKey> CreateAsync(
        string organizationId, ApiKeySettings settings, CancellationToken cancellationToken = default);

    /// <summary>Makes an open key that does not expire.</summary>
    /// <exception cref="InvalidOrderEventException">The organization id is not allowed.</exception>
    Task<NewApiKey> CreateAsync(string organizationId, CancellationToken cancellationToken = default) =>
        CreateAsync(organizationId, new ApiKeySettings(), cancellationToken);

    /// <summary>Returns a key with its decrypted secrets, revoked or not; null if there is no such key.</summary>
    Task<ApiKey?> FindAsync(string key, CancellationToken cancellationToken = default);

    /// <summary>Lists all keys, oldest first, of one organization or of all. Secrets are not read.</summary>
    Task<IReadOnlyList<ApiKeyInfo>> ListAsync(string? organizationId, CancellationToken cancellationToken = default);

    /// <summary>
    /// Revokes a key permanently. Returns null if there is no such key. A key that was already revoked keeps its first
    /// revocation time.
    /// </summary>
    Task<KeyRevocation?> RevokeAsync(string key, CancellationToken cancellationToken = default);

    /// <summary>Changes the settings of a key. A revoked key is not changed.</summary>
    /// <exception cref="StorageException">The stored schema is too old.</exception>
    Task<KeyChange> UpdateAsync(string key, ApiKeyUpdate update, CancellationToken cancellationToken = default);

    /// <summary>
    /// Adds a secret, which is returned only here. Both secrets are valid until <see cref="EndRotationAsync"/>. A key
    /// that already has two secrets is not changed.
    /// </summary>
    /// <exception cref="StorageException">The stored schema is too old.</exception>
    Task<KeyChange> RotateAsync(string key, CancellationToken cancellationToken = default);

    /// <summary>
    /// Ends one of two secrets: the older one, or the newer one, which takes back the rotation. The number of an ended
    /// secret is never used again. A key with one secret is not changed.
    /// </summary>
    /// <exception cref="StorageException">The stored schema is too old.</exception>
    Task<KeyChange> EndRotationAsync(string key, bool keepNewer, CancellationToken cancellationToken = default);

    /// <summary>
    /// Stores the times of the last uses of keys, unless later ones are stored. Ignores keys that do not exist.
    /// </summary>
    Task RecordUsesAsync(IReadOnlyCollection<ApiKeyUse> uses, CancellationToken cancellationToken = default);
}

/// <summary>The settings of a new key.</summary>
/// <param name="Access">What the key allows without a proof.</param>
/// <param name="ExpiresAt">When the key ends by itself; null if never.</param>
public sealed record ApiKeySettings(ApiKeyAccess Access = ApiKeyAccess.Open, DateTimeOffset? ExpiresAt = null);

/// <summary>A change of a key's settings.</summary>
/// <param name="Access">The new access mode; null to keep it.</param>
/// <param name="ChangesExpiry">Whether <paramref name="ExpiresAt"/> replaces the stored one.</param>
/// <param name="ExpiresAt">When the key ends by itself; null if never.</param>
public sealed record ApiKeyUpdate(
    ApiKeyAccess? Access = null, bool ChangesExpiry = false, DateTimeOffset? ExpiresAt = null);

/// <summary>The result of a change of a key.</summary>
/// <param name="Outcome">Whether the key was changed, and if not, why.</param>
/// <param name="Key">The key after the call; null if there is no such key.</param>
/// <param name="Secret">The new secret; null unless the call made one.</param>
public sealed record KeyChange(KeyChangeOutcome Outcome, ApiKeyInfo? Key = null, string? Secret = null)
{
    /// <summary>Keeps the secret out of logs.</summary>
    public override string ToString() => $"{Outcome}";
}

/// <summary>Whether a key was changed.</summary>
public enum KeyChangeOutcome
{
    /// <summary>The key was changed.</summary>
    Changed,

    /// <summary>There is no such key.</summary>
    NoSuchKey,

    /// <summary>The key is revoked, which is permanent.</summary>
    Revoked,

    /// <summary>The key already has two secrets.</summary>
    HasTwoSecrets,

    /// <summary>The key has only one secret, so there is no rotation to end.</summary>
    HasOneSecret,
}

/// <summary>A use of a key.</summary>
/// <param name="Key">The key.</param>
/// <param name="At">When it was used.</param>
public readonly record struct ApiKeyUse(string Key, DateTimeOffset At);

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
public sealed record ApiKeyInfo(string OrganizationId, string Key, DateTimeOffset CreatedAt, DateTimeOffset? RevokedAt)
{
    /// <summary>What the key allows without a proof.</summary>
    public ApiKeyAccess Access { get; init; }

    /// <summary>When the key ends by itself, UTC; null if never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>The secrets, newest first: two during a rotation, else one.</summary>
    public IReadOnlyList<ApiKeySecretInfo> Secrets { get; init; } = [];

    /// <summary>The last minute in which the key was in use, UTC, as far as it is stored; null if never.</summary>
    public DateTimeOffset? LastUsedAt { get; init; }
}

/// <summary>A secret in a list.</summary>
/// <param name="Id">The number of the secret within its key.</param>
/// <param name="CreatedAt">When it was created, UTC.</param>
public readonly record struct ApiKeySecretInfo(int Id, DateTimeOffset CreatedAt);

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
