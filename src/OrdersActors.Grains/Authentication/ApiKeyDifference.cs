using OrdersActors.Storage;
using OrdersActors.Storage.ApiKeys;

namespace OrdersActors.Grains.Authentication;

/// <summary>Describes in words what an operator has changed in a key.</summary>
internal static class ApiKeyDifference
{
    /// <summary>Returns the differences, such as <c>access open → restricted</c>; empty if there are none.</summary>
    public static string Describe(ApiKey before, ApiKey after)
    {
        (string Name, string Before, string After)[] parts =
        [
            ("access", ApiKeyText.Name(before.Access), ApiKeyText.Name(after.Access)),
            ("expiry", ApiKeyText.Expiry(before.ExpiresAt), ApiKeyText.Expiry(after.ExpiresAt)),
            ("secrets", Numbers(before), Numbers(after)),
            ("state", State(before), State(after)),
        ];
        return string.Join(
            "; ", parts.Where(part => part.Before != part.After).Select(p => $"{p.Name} {p.Before} → {p.After}"));
    }

    private static string Numbers(ApiKey key) => string.Join(" and ", key.Secrets.Select(secret => secret.Id));

    private static string State(ApiKey key) => key.IsRevoked ? "revoked" : "valid";
}
