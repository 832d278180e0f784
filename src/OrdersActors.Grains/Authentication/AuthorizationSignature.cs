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
        fault = SignatureText.Read(text, out var fields);
        return fault == SignatureFault.None
            ? new AuthorizationSignature(fields.ApiKey, Convert.FromHexString(fields.Signature), fields.Timestamp)
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
}
