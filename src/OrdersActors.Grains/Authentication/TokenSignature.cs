using System.Text;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace OrdersActors.Grains.Authentication;

/// <summary>
/// Signs tokens and checks their signatures: HMAC-SHA256 (<c>HS256</c>) with the API key's secret, and no other
/// algorithm. The key is the text of the secret in UTF-8, which every JWT library can use.
/// </summary>
/// <remarks>
/// The library refuses keys of less than 32 bytes. The secrets that <c>keys create</c> makes have 47, but the demo
/// account's secret has 11. HMAC itself pads a key with zeros up to its block of 64 bytes (RFC 2104, section 2), so a
/// key that is padded in the same way gives the same signature. The library then accepts it, and short secrets need no
/// code of their own.
/// </remarks>
internal static class TokenSignature
{
    public const string Algorithm = SecurityAlgorithms.HmacSha256;

    // The block of SHA-256.
    private const int BlockBytes = 64;

    private static readonly JsonWebTokenHandler Handler = new();

    // The library's default factory caches keys for the life of the process. Secrets are not kept that long.
    private static readonly CryptoProviderFactory Crypto = new() { CacheSignatureProviders = false };

    /// <summary>Makes a token with these claims. Its header names the key.</summary>
    public static string Sign(string claims, string apiKey, string secret)
    {
        var key = KeyOf(secret);
        key.KeyId = apiKey;
        return Handler.CreateToken(claims, new SigningCredentials(key, Algorithm) { CryptoProviderFactory = Crypto });
    }

    /// <summary>
    /// Checks a token's signature, and only that: the claims are checked by <see cref="TokenVerifier"/>.
    /// </summary>
    public static async Task<SignatureCheck> CheckAsync(string token, string secret)
    {
        var result = await Handler.ValidateTokenAsync(token, new TokenValidationParameters
        {
            ValidAlgorithms = [Algorithm],
            IssuerSigningKey = KeyOf(secret),
            CryptoProviderFactory = Crypto,
            ValidateIssuer = false,
            ValidateAudience = false,
            ValidateLifetime = false,
            RequireExpirationTime = false,
        });
        return result.IsValid ? SignatureCheck.Matches
            : result.Exception is SecurityTokenInvalidSignatureException ? SignatureCheck.DoesNotMatch
            : SignatureCheck.Unreadable;
    }

    private static SymmetricSecurityKey KeyOf(string secret)
    {
        var bytes = Encoding.UTF8.GetBytes(secret);
        Array.Resize(ref bytes, Math.Max(bytes.Length, BlockBytes));
        return new SymmetricSecurityKey(bytes);
    }
}

/// <summary>The result of checking a token's signature.</summary>
internal enum SignatureCheck
{
    /// <summary>The secret made the signature.</summary>
    Matches,

    /// <summary>Another secret made it, or the token was changed.</summary>
    DoesNotMatch,

    /// <summary>The library cannot read the token, so the signature was not checked.</summary>
    Unreadable,
}
