using System.Security.Cryptography;
using System.Text;

namespace OrdersActors.EndToEndTests.Board;

/// <summary>Makes an authorization_signature independently of the page and of the server.</summary>
internal static class Signatures
{
    public static string Make(string apiKey, string secret, long timestamp)
    {
        var hmac = HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes($"GET/ws{timestamp}"));
        return $"APIKey={apiKey},signature={Convert.ToHexStringLower(hmac)},timestamp={timestamp}";
    }
}
