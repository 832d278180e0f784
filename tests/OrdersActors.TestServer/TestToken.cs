using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace OrdersActors.TestServer;

/// <summary>Makes tokens as the protocol page describes them, with nothing but HMAC, and wrong ones.</summary>
public static class TestToken
{
    private const string Header = """{"alg":"HS256","typ":"JWT"}""";

    /// <summary>A token for orders that is valid for an hour, or until another time.</summary>
    public static string ForOrders(string secret, string[] orders, DateTimeOffset? expiresAt = null) =>
        Create(secret, JsonSerializer.Serialize(new { orders, exp = UnixSeconds(expiresAt) }));

    /// <summary>A token for the whole organization that is valid for an hour, or until another time.</summary>
    public static string ForOrganization(string secret, DateTimeOffset? expiresAt = null) =>
        Create(secret, JsonSerializer.Serialize(new { scope = "organization", exp = UnixSeconds(expiresAt) }));

    /// <summary>Signs any claims and any header.</summary>
    public static string Create(string secret, string claims, string header = Header)
    {
        var text = $"{Encode(header)}.{Encode(claims)}";
        return $"{text}.{Base64Url.EncodeToString(Hmac(secret, text))}";
    }

    /// <summary>A connect message with a token.</summary>
    public static string Connect(string apiKey, string token) => JsonSerializer.Serialize(
        new { type = "connect", data = new { api_key = apiKey, token } });

    private static long UnixSeconds(DateTimeOffset? time) =>
        (time ?? DateTimeOffset.UtcNow.AddHours(1)).ToUnixTimeSeconds();

    private static string Encode(string json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));

    private static byte[] Hmac(string secret, string text) =>
        HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(text));
}
