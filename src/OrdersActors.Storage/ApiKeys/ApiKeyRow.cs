using System.Data.Common;
using Microsoft.AspNetCore.DataProtection;

namespace OrdersActors.Storage.ApiKeys;

/// <summary>
/// A key as a row of <c>api_keys</c>. Every storage selects the same columns; only the type of times differs.
/// </summary>
/// <remarks>
/// <para>During a rotation <c>protected_secret</c> is the older secret and <c>next_secret</c> the newer one. A server
/// of a previous version knows only <c>protected_secret</c>: during a rotation it accepts the secret that clients
/// already use, and afterwards the one that is left. It never accepts a secret that has ended.</para>
/// <para>The newer secret has the number <c>last_secret_id</c>, the older one <c>secret_id</c>. Each new secret raises
/// <c>last_secret_id</c>, so no number is used twice.</para>
/// <para>A key that a previous version inserts has the defaults of the new columns.</para>
/// </remarks>
internal sealed record ApiKeyRow
{
    /// <summary>The columns.</summary>
    public const string Columns =
        "key, organization, created_at, revoked_at, protected_secret, access, expires_at, secret_id, " +
        "secret_created_at, next_secret, last_secret_id, next_secret_created_at, last_used_at";

    /// <summary>The same for a schema that has only the first five columns.</summary>
    public const string FirstColumns =
        "key, organization, created_at, revoked_at, protected_secret, 'open', NULL, 1, NULL, NULL, 1, NULL, NULL";

    public required string Key { get; init; }

    public required string OrganizationId { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset? RevokedAt { get; init; }

    public required string ProtectedSecret { get; init; }

    public required ApiKeyAccess Access { get; init; }

    public required DateTimeOffset? ExpiresAt { get; init; }

    public required int SecretId { get; init; }

    public required DateTimeOffset SecretCreatedAt { get; init; }

    public required string? NextSecret { get; init; }

    public required int LastSecretId { get; init; }

    public required DateTimeOffset? NextSecretCreatedAt { get; init; }

    public required DateTimeOffset? LastUsedAt { get; init; }

    /// <summary>Reads <see cref="Columns"/>.</summary>
    /// <param name="row">The row.</param>
    /// <param name="readTime">Reads the time in a column.</param>
    public static ApiKeyRow Read(DbDataReader row, Func<int, DateTimeOffset> readTime)
    {
        var createdAt = readTime(2);
        return new ApiKeyRow
        {
            Key = row.GetString(0),
            OrganizationId = row.GetString(1),
            CreatedAt = createdAt,
            RevokedAt = Time(3),
            ProtectedSecret = row.GetString(4),
            Access = ParseAccess(row.GetString(5)),
            ExpiresAt = Time(6),
            SecretId = row.GetInt32(7),
            SecretCreatedAt = Time(8) ?? createdAt,
            NextSecret = row.IsDBNull(9) ? null : row.GetString(9),
            LastSecretId = row.GetInt32(10),
            NextSecretCreatedAt = Time(11),
            LastUsedAt = Time(12),
        };

        DateTimeOffset? Time(int column) => row.IsDBNull(column) ? null : readTime(column);
    }

    /// <summary>The key for authentication.</summary>
    public ApiKey ToKey(IDataProtector protector)
    {
        var secret = new ApiKeySecret(SecretId, protector.UnprotectSecret(ProtectedSecret));
        return new ApiKey(
            OrganizationId,
            NextSecret is null
                ? [secret]
                : [new ApiKeySecret(LastSecretId, protector.UnprotectSecret(NextSecret)), secret],
            Access, ExpiresAt, IsRevoked: RevokedAt is not null);
    }

    /// <summary>The key in a list.</summary>
    public ApiKeyInfo ToInfo()
    {
        var secret = new ApiKeySecretInfo(SecretId, SecretCreatedAt);
        return new ApiKeyInfo(OrganizationId, Key, CreatedAt, RevokedAt)
        {
            Access = Access,
            ExpiresAt = ExpiresAt,
            Secrets = NextSecret is null
                ? [secret]
                : [new ApiKeySecretInfo(LastSecretId, NextSecretCreatedAt ?? CreatedAt), secret],
            LastUsedAt = LastUsedAt,
        };
    }

    // A later version may add a mode. This version then uses restricted, the safer of the two modes that it knows.
    private static ApiKeyAccess ParseAccess(string text) =>
        text == "open" ? ApiKeyAccess.Open : ApiKeyAccess.Restricted;
}
