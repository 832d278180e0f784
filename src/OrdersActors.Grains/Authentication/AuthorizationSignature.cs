using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace OrdersActors.Grains.Authentication;

/// <summary>
/// The <c>authorization_signature</c> of a signed connect:
/// <c>APIKey=&lt;key&gt;,signature=&lt;hex&gt;,timestamp=&lt;unix seconds&gt;</c>. The hex part is the HMAC-SHA256 of
/// method, path and timestamp (<c>"GET" + "/ws" + timestamp</c>). Its key is the API key's secret.
/// </summary>
public sealed class AuthorizationSignature
{
    // The three fields with a long key are well below this length; a longer text is not parsed.
    private const int MaxLength = 1024;

    // Seconds with 11 digits reach the year 5138. Today's milliseconds have 13 digits.
    private const int MaxTimestampDigits = 11;

    private const int HmacBytes = 32;

    private AuthorizationSignature(string apiKey, byte[] signature, string timestamp)
    {
        ApiKey = apiKey;
        Signature = signature;
        Timestamp = timestamp;
    }

    /// <summary>The API key that the signature names.</summary>
    public string ApiKey { get; }

    /// <summary>The timestamp, in the form in which it was written.</summary>
    private string Timestamp { get; }

    private byte[] Signature { get; }

    /// <summary>Makes the text of a signature for <c>/ws</c>, or for another method and path.</summary>
    public static string Create(
        string apiKey, string apiSecret, DateTimeOffset timestamp, string method = "GET", string path = "/ws")
    {
        ArgumentException.ThrowIfNullOrEmpty(apiKey);
        ArgumentException.ThrowIfNullOrEmpty(apiSecret);
        var seconds = timestamp.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var hex = Convert.ToHexStringLower(Hmac(apiSecret, method, path, seconds));
        return $"APIKey={apiKey},signature={hex},timestamp={seconds}";
    }

    /// <summary>
    /// Parses a signature: the three fields in any order, blanks around commas allowed, hex in upper or lower case.
    /// Returns null if the text has another form.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="fault">The part of the text that is wrong; none if it can be parsed.</param>
    public static AuthorizationSignature? Parse(string text, out SignatureFault fault)
    {
        ArgumentNullException.ThrowIfNull(text);
        fault = ReadFields(text, out var key, out var signature, out var timestamp);
        if (fault == SignatureFault.None)
        {
            fault = key.Length == 0 ? SignatureFault.MissingApiKey
                : signature.Length == 0 ? SignatureFault.MissingSignature
                : timestamp.Length == 0 ? SignatureFault.MissingTimestamp
                : TimestampFault(timestamp) is var wrong and not SignatureFault.None ? wrong
                : HexFault(signature);
        }

        return fault == SignatureFault.None
            ? new AuthorizationSignature(key, Convert.FromHexString(signature), timestamp)
            : null;
    }

    /// <summary>
    /// Checks the signature against a key's secret. The HMAC is checked before the timestamp, so only holders of the
    /// secret can get the answer "expired".
    /// </summary>
    public AuthenticationOutcome Verify(
        string apiSecret, DateTimeOffset now, TimeSpan window, string method = "GET", string path = "/ws")
    {
        if (!CryptographicOperations.FixedTimeEquals(Hmac(apiSecret, method, path, Timestamp), Signature))
        {
            return AuthenticationOutcome.InvalidSignature;
        }

        var age = now.ToUnixTimeSeconds() - long.Parse(Timestamp, CultureInfo.InvariantCulture);
        return Math.Abs(age) <= window.TotalSeconds
            ? AuthenticationOutcome.Authenticated
            : AuthenticationOutcome.SignatureExpired;
    }

    private static byte[] Hmac(string secret, string method, string path, string timestamp) =>
        HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(method + path + timestamp));

    private static SignatureFault ReadFields(string text, out string key, out string signature, out string timestamp)
    {
        key = signature = timestamp = "";
        if (text.Length > MaxLength)
        {
            return SignatureFault.TooLong;
        }

        string? apiKey = null, hex = null, seconds = null;
        foreach (var field in text.Split(','))
        {
            var (name, value) = Split(field);
            switch (name)
            {
                case "APIKey" when apiKey is null:
                    apiKey = value;
                    break;
                case "signature" when hex is null:
                    hex = value;
                    break;
                case "timestamp" when seconds is null:
                    seconds = value;
                    break;
                case "APIKey" or "signature" or "timestamp":
                    return SignatureFault.RepeatedField;
                default:
                    return SignatureFault.UnknownField;
            }
        }

        (key, signature, timestamp) = (apiKey ?? "", hex ?? "", seconds ?? "");
        return SignatureFault.None;
    }

    private static SignatureFault TimestampFault(string timestamp) =>
        !timestamp.All(char.IsAsciiDigit) ? SignatureFault.TimestampNotANumber
        : timestamp.Length > MaxTimestampDigits ? SignatureFault.TimestampNotInSeconds
        : SignatureFault.None;

    private static SignatureFault HexFault(string signature) =>
        signature.Length == 2 * HmacBytes && signature.All(char.IsAsciiHexDigit) ? SignatureFault.None
        : IsBase64(signature) ? SignatureFault.SignatureInBase64
        : SignatureFault.SignatureNotHex;

    /// <summary>Whether it is 32 bytes in base64 of either alphabet, with or without padding.</summary>
    private static bool IsBase64(string signature)
    {
        var standard = signature.TrimEnd('=').Replace('-', '+').Replace('_', '/');
        return standard.Length == 43 && Convert.TryFromBase64String(standard + "=", new byte[HmacBytes], out _);
    }

    private static (string Name, string Value) Split(string field)
    {
        var trimmed = field.Trim(' ');
        var equals = trimmed.IndexOf('=', StringComparison.Ordinal);
        return equals < 0 ? ("", "") : (trimmed[..equals], trimmed[(equals + 1)..]);
    }
}
