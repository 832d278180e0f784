using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using OrdersActors.Storage;
using OrdersActors.Storage.ApiKeys;

namespace OrdersActors.Server.Commands.Keys;

/// <summary>The output of the <c>keys</c> commands. Fields are only ever added.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(CreatedKey))]
[JsonSerializable(typeof(ListedKey))]
[JsonSerializable(typeof(UpdatedKey))]
[JsonSerializable(typeof(RotatedKey))]
[JsonSerializable(typeof(EndedRotation))]
[JsonSerializable(typeof(RevokedKey))]
internal sealed partial class KeysJson : JsonSerializerContext
{
    /// <summary>Writes a line to standard output.</summary>
    public static void Write<T>(T value, JsonTypeInfo<T> type) =>
        Console.WriteLine(JsonSerializer.Serialize(value, type));
}

internal sealed record CreatedKey(
    string OrganizationId, string ApiKey, string ApiSecret, string Access, DateTime? ExpiresAt);

/// <param name="OrganizationId">The organization of the key.</param>
/// <param name="ApiKey">The key.</param>
/// <param name="CreatedAt">The time of its creation, UTC.</param>
/// <param name="RevokedAt">The time of its revocation, UTC, or null.</param>
/// <param name="Access"><c>open</c> or <c>restricted</c>.</param>
/// <param name="Secrets">The valid secrets, newest first.</param>
/// <param name="ExpiresAt">The time of its expiry, UTC, or null.</param>
/// <param name="IsExpired">Whether that time has passed.</param>
/// <param name="LastUsedAt">The last minute in which the key was in use, as far as the servers have stored it.</param>
internal sealed record ListedKey(
    string OrganizationId, string ApiKey, DateTime CreatedAt, DateTime? RevokedAt, string Access,
    ListedSecret[] Secrets, DateTime? ExpiresAt, bool IsExpired, DateTime? LastUsedAt)
{
    public static ListedKey Of(ApiKeyInfo key, DateTimeOffset now) => new(
        key.OrganizationId, key.Key, key.CreatedAt.UtcDateTime, key.RevokedAt?.UtcDateTime, ApiKeyText.Name(key.Access),
        [.. key.Secrets.Select(secret => new ListedSecret(secret.Id, secret.CreatedAt.UtcDateTime))],
        key.ExpiresAt?.UtcDateTime, key.ExpiresAt <= now, key.LastUsedAt?.UtcDateTime);
}

internal sealed record ListedSecret(int Id, DateTime CreatedAt);

/// <param name="OrganizationId">The organization of the key.</param>
/// <param name="ApiKey">The key.</param>
/// <param name="Access">The access mode after the change.</param>
/// <param name="ExpiresAt">The expiry after the change, UTC, or null.</param>
/// <param name="IsExpired">Whether the expiry has passed.</param>
/// <param name="TakesEffectWithinSeconds">
/// The time within which all servers apply the change, and have closed the connections that lose their access by it.
/// </param>
internal sealed record UpdatedKey(
    string OrganizationId, string ApiKey, string Access, DateTime? ExpiresAt, bool IsExpired,
    int TakesEffectWithinSeconds)
{
    public static UpdatedKey Of(ApiKeyInfo key, DateTimeOffset now, int takesEffectWithin) => new(
        key.OrganizationId, key.Key, ApiKeyText.Name(key.Access), key.ExpiresAt?.UtcDateTime, key.ExpiresAt <= now,
        takesEffectWithin);
}

/// <param name="OrganizationId">The organization of the key.</param>
/// <param name="ApiKey">The key.</param>
/// <param name="ApiSecret">The new secret, which is shown only here.</param>
/// <param name="SecretId">Its number.</param>
/// <param name="AcceptedWithinSeconds">The time within which all servers accept the new secret.</param>
internal sealed record RotatedKey(
    string OrganizationId, string ApiKey, string ApiSecret, int SecretId, int AcceptedWithinSeconds);

/// <param name="OrganizationId">The organization of the key.</param>
/// <param name="ApiKey">The key.</param>
/// <param name="SecretId">The number of the secret that is left.</param>
/// <param name="ConnectionsCloseWithinSeconds">
/// The time within which the connections that were authenticated with the other secret are closed.
/// </param>
internal sealed record EndedRotation(
    string OrganizationId, string ApiKey, int SecretId, int ConnectionsCloseWithinSeconds);

/// <param name="OrganizationId">The organization of the key.</param>
/// <param name="ApiKey">The key.</param>
/// <param name="RevokedAt">The time of the first revocation, UTC.</param>
/// <param name="WasRevoked">Whether the key was already revoked, so that the command changed nothing.</param>
/// <param name="ConnectionsCloseWithinSeconds">
/// The time within which the key's connections are closed; null if the key was already revoked.
/// </param>
internal sealed record RevokedKey(
    string OrganizationId, string ApiKey, DateTime RevokedAt, bool WasRevoked, int? ConnectionsCloseWithinSeconds);
