using System.Buffers.Text;
using System.Security.Cryptography;

namespace OrdersActors.Storage.ApiKeys;

/// <summary>Makes keys and secrets that nobody guesses: 128 and 256 random bits, base64url, with a prefix that tells them apart.</summary>
internal static class ApiKeyGenerator
{
    public static string NewKey() => "oak_" + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16));

    public static string NewSecret() => "oas_" + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
}
