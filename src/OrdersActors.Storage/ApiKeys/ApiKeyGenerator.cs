using System.Buffers.Text;
using System.Security.Cryptography;

namespace OrdersActors.Storage.ApiKeys;

/// <summary>
/// Makes keys and secrets that cannot be guessed: 128 and 256 random bits in base64url. A prefix distinguishes keys
/// from secrets.
/// </summary>
internal static class ApiKeyGenerator
{
    public static string NewKey() => "oak_" + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16));

    public static string NewSecret() => "oas_" + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
}
