using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace OrdersActors.Client;

/// <summary>
/// Creates an <c>authorization_signature</c>. The secret must never be part of an app: sign on a backend.
/// </summary>
public static class AuthorizationSignature
{
    /// <summary>Signs a request.</summary>
    /// <param name="apiKey">The API key.</param>
    /// <param name="apiSecret">The key's secret.</param>
    /// <param name="time">The current time. The server accepts a difference of 300 s.</param>
    /// <param name="method">The HTTP method; GET for <c>/ws</c>.</param>
    /// <param name="path">The path of the request, without the query.</param>
    /// <returns><c>APIKey=…,signature=…,timestamp=…</c></returns>
    public static string Create(
        string apiKey, string apiSecret, DateTimeOffset time, string method = "GET", string path = "/ws")
    {
        ArgumentException.ThrowIfNullOrEmpty(apiKey);
        ArgumentException.ThrowIfNullOrEmpty(apiSecret);
        var timestamp = time.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var hash = HMACSHA256.HashData(
            Encoding.UTF8.GetBytes(apiSecret), Encoding.UTF8.GetBytes(method + path + timestamp));
        return $"APIKey={apiKey},signature={Hex(hash)},timestamp={timestamp}";
    }

    private static string Hex(byte[] hash) => string.Concat(
        hash.Select(part => part.ToString("x2", CultureInfo.InvariantCulture)));
}
