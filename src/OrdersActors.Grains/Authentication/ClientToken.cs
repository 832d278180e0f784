using System.Buffers;
using System.Buffers.Text;
using System.Text.Json;

namespace OrdersActors.Grains.Authentication;

/// <summary>
/// A client's token (a JSON Web Token) whose header has been read. Neither its signature nor its claims are checked
/// yet.
/// </summary>
internal sealed class ClientToken
{
    /// <summary>
    /// Longest token in characters. It is room for 500 order ids of 45 ASCII characters. A longer text is not read.
    /// </summary>
    public const int MaxLength = 32 * 1024;

    private static readonly SearchValues<char> Allowed =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.");

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    private ClientToken(string text, string? keyId)
    {
        Text = text;
        KeyId = keyId;
    }

    public string Text { get; }

    /// <summary>The API key that the header names (<c>kid</c>); null if it names none.</summary>
    public string? KeyId { get; }

    /// <summary>Reads a token's header. Returns null if the token cannot be valid, whatever its claims are.</summary>
    public static ClientToken? Parse(string text, out TokenFault fault)
    {
        if (text.Length > MaxLength)
        {
            fault = TokenFault.TooLong;
            return null;
        }

        // Exactly three parts. Padding and white space are not base64url.
        if (text.AsSpan().ContainsAnyExcept(Allowed) || text.AsSpan().Count('.') != 2)
        {
            fault = TokenFault.Malformed;
            return null;
        }

        using var header = ReadPart(text, 0);
        string? keyId = null;
        fault = header is null ? TokenFault.Malformed : ReadHeader(header.RootElement, out keyId);
        return fault == TokenFault.None ? new ClientToken(text, keyId) : null;
    }

    /// <summary>Reads the claims; null if they are not a JSON object. The caller disposes of the result.</summary>
    public JsonDocument? ReadClaims() => ReadPart(Text, 1);

    private static TokenFault ReadHeader(JsonElement header, out string? keyId)
    {
        keyId = null;
        if (!header.TryGetProperty("alg"u8, out var algorithm)
            || algorithm.ValueKind != JsonValueKind.String
            || !algorithm.ValueEquals(TokenSignature.Algorithm))
        {
            return TokenFault.Algorithm;
        }

        // RFC 7515, section 4.1.11: a token must be rejected if it requires an extension that is not known.
        if (header.TryGetProperty("crit"u8, out _))
        {
            return TokenFault.Malformed;
        }

        if (!header.TryGetProperty("kid"u8, out var kid))
        {
            return TokenFault.None;
        }

        keyId = TokenClaims.TextOf(kid);
        return keyId is null ? TokenFault.Malformed : TokenFault.None;
    }

    /// <summary>Reads one part; null if it is not a JSON object in base64url, or has a name twice.</summary>
    private static JsonDocument? ReadPart(string text, int index)
    {
        var parts = text.AsSpan().Split('.');
        for (var i = 0; i <= index; i++)
        {
            parts.MoveNext();
        }

        var part = text.AsSpan(parts.Current);
        if (!Base64Url.IsValid(part))
        {
            return null;
        }

        try
        {
            var json = JsonDocument.Parse(Base64Url.DecodeFromChars(part), Strict);
            if (json.RootElement.ValueKind == JsonValueKind.Object)
            {
                return json;
            }

            json.Dispose();
            return null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // System.Text.Json throws the latter for an escaped lone surrogate in a name.
            return null;
        }
    }
}
