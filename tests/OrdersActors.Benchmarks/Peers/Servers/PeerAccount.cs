using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace OrdersActors.Benchmarks.Peers.Servers;

/// <summary>The account of the peers, and their check of a signature, which does what OrdersActors does.</summary>
internal static class PeerAccount
{
    public const string ApiKey = "0123456789abcdef0123456789abcdef";
    public const string ApiSecret = "fedcba9876543210fedcba9876543210";

    private static readonly byte[] Secret = Encoding.UTF8.GetBytes(ApiSecret);

    /// <summary>Verifies <c>APIKey=…,signature=…,timestamp=…</c>.</summary>
    public static bool IsSigned(string? apiKey, string? signature)
    {
        var fields = (signature ?? "").Split(',').Select(field => field.Split('=')).Where(field => field.Length == 2)
            .ToDictionary(field => field[0], field => field[1]);
        if (apiKey != ApiKey || fields.GetValueOrDefault("APIKey") != ApiKey
            || !long.TryParse(fields.GetValueOrDefault("timestamp"), CultureInfo.InvariantCulture, out var timestamp)
            || Math.Abs(DateTimeOffset.UtcNow.ToUnixTimeSeconds() - timestamp) > 300)
        {
            return false;
        }

        var expected = HMACSHA256.HashData(Secret, Encoding.UTF8.GetBytes($"GET/ws{timestamp}"));
        return CryptographicOperations.FixedTimeEquals(
            expected, Convert.FromHexString(fields.GetValueOrDefault("signature") ?? ""));
    }
}
