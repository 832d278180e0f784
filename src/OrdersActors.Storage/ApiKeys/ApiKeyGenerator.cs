using System.Buffers.Text;
using System.Security.Cryptography;

namespace OrdersActors.Storage.ApiKeys;

/// <summary>
/// Makes keys and secrets that cannot be guessed: 128 and 256 random bits in base64url. A prefix distinguishes keys
/// from secrets.
/// </summary>
internal static class ApiKeyGenerator
{
    /// <summary>Makes a key and a secret for an organization.</summary>
    /// <exception cref="InvalidOrderEventException">The organization id is not allowed.</exception>
    public static NewApiKey New(string organizationId)
    {
        OrderEventRules.CheckOrganizationId(organizationId);
        return new NewApiKey(organizationId, NewKey(), NewSecret());
    }

    public static string NewKey() => "oak_" + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16));

    public static string NewSecret() => "oas_" + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
}
