using System.Buffers.Text;
using System.Text.Json;

namespace OrdersActors.Http.Authentication;

/// <summary>
/// Reads which key a token names. The result is untrusted: it selects the key with which a silo verifies the token, and
/// the budget of failures.
/// </summary>
internal static class TokenHeader
{
    // {"alg":"HS256","typ":"JWT","kid":"<128 characters>"} has 170 bytes.
    private const int MaxBytes = 1024;

    // A header is a flat object; deeper ones are not read.
    private static readonly JsonReaderOptions Options = new() { MaxDepth = 4 };

    /// <summary>Returns the <c>kid</c> of the token's header, or null if it has none or has another form.</summary>
    public static string? ReadKeyId(string token)
    {
        var dot = token.IndexOf('.', StringComparison.Ordinal);
        if (dot <= 0 || Base64Url.GetMaxDecodedLength(dot) > MaxBytes)
        {
            return null;
        }

        Span<byte> json = stackalloc byte[MaxBytes];
        try
        {
            return Base64Url.TryDecodeFromChars(token.AsSpan(0, dot), json, out var length)
                ? ReadKeyId(json[..length])
                : null;
        }
        catch (Exception e) when (e is FormatException or JsonException or InvalidOperationException)
        {
            return null; // The silo says what is wrong with the token.
        }
    }

    private static string? ReadKeyId(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, Options);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            return null;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isKeyId = reader.ValueTextEquals("kid"u8);
            reader.Read();
            if (isKeyId)
            {
                return reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
            }

            reader.Skip();
        }

        return null;
    }
}
