using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace OrdersActors.Grains.Authentication;

/// <summary>
/// The <c>authorization_signature</c> of a signed connect:
/// <c>APIKey=&lt;key&gt;,signature=&lt;hex&gt;,timestamp=&lt;unix seconds&gt;</c>, where hex is the HMAC-SHA256, keyed with the API
/// key's secret, of method, path and timestamp: <c>"GET" + "/ws" + timestamp</c>.
/// </summary>
public sealed class AuthorizationSignature
{
    // The three fields with a long key are well under this; more is not worth parsing.
    private const int MaxLength = 1024;

    private AuthorizationSignature(string apiKey, byte[] signature, string timestamp)
    {
        ApiKey = apiKey;
        Signature = signature;
        Timestamp = timestamp;
    }

    /// <summary>The key that the signature says it is for.</summary>
    public string ApiKey { get; }

    /// <summary>When it was made, as it was written.</summary>
    private string Timestamp { get; }

    private byte[] Signature { get; }

    /// <summary>Makes the text of a signature.</summary>
    public static string Create(string apiKey, string apiSecret, DateTimeOffset timestamp)
    {
        ArgumentException.ThrowIfNullOrEmpty(apiKey);
        ArgumentException.ThrowIfNullOrEmpty(apiSecret);
        var seconds = timestamp.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        return $"APIKey={apiKey},signature={Convert.ToHexStringLower(Hmac(apiSecret, seconds))},timestamp={seconds}";
    }

    /// <summary>
    /// Reads a signature: the three fields in any order, blanks around commas allowed, hex of either case. Null where it is
    /// anything else.
    /// </summary>
    public static AuthorizationSignature? Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length > MaxLength)
        {
            return null;
        }

        string? key = null, hex = null, timestamp = null;
        var fields = text.Split(',');
        foreach (var field in fields)
        {
            var (name, value) = Split(field);
            switch (name)
            {
                case "APIKey":
                    key = value;
                    break;
                case "signature":
                    hex = value;
                    break;
                case "timestamp":
                    timestamp = value;
                    break;
            }
        }

        // Three fields of which each was found: none is missing, double or unknown.
        return fields.Length == 3 && key is { Length: > 0 } && hex is { Length: 64 } && hex.All(char.IsAsciiHexDigit)
            && timestamp is { Length: > 0 and <= 15 } && timestamp.All(char.IsAsciiDigit)
            ? new AuthorizationSignature(key, Convert.FromHexString(hex), timestamp)
            : null;
    }

    /// <summary>
    /// Checks the signature against a key's secret. A wrong HMAC is invalid whatever its timestamp says, so the answer
    /// "expired" is for holders of the secret only.
    /// </summary>
    public AuthenticationOutcome Verify(string apiSecret, DateTimeOffset now, TimeSpan window)
    {
        if (!CryptographicOperations.FixedTimeEquals(Hmac(apiSecret, Timestamp), Signature))
        {
            return AuthenticationOutcome.InvalidSignature;
        }

        var age = now.ToUnixTimeSeconds() - long.Parse(Timestamp, CultureInfo.InvariantCulture);
        return Math.Abs(age) <= window.TotalSeconds
            ? AuthenticationOutcome.Authenticated
            : AuthenticationOutcome.SignatureExpired;
    }

    private static byte[] Hmac(string secret, string timestamp) =>
        HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes("GET/ws" + timestamp));

    private static (string Name, string Value) Split(string field)
    {
        var trimmed = field.Trim(' ');
        var equals = trimmed.IndexOf('=', StringComparison.Ordinal);
        return equals < 0 ? ("", "") : (trimmed[..equals], trimmed[(equals + 1)..]);
    }
}
