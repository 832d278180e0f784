using OrdersActors.Storage;

namespace OrdersActors.Grains.Authentication;

/// <summary>Verifies tokens of clients and returns what they allow.</summary>
/// <remarks>
/// <para>The signature is checked before the claims. So only holders of a secret of the key learn what the server
/// thinks of the claims. The header and the claims are read strictly: a name that occurs twice is an error, because
/// JSON readers disagree which of the two counts.</para>
/// <para>The clocks of the server and of the backend that signs may differ by <see cref="ClockLeeway"/>: <c>nbf</c>
/// and <c>iat</c> may be that far ahead, and <c>exp</c> that far beyond the maximum lifetime. The end has no leeway: at
/// <c>exp</c>, by the server's clock, the token has expired.</para>
/// </remarks>
internal sealed class TokenVerifier(TimeSpan maxLifetime, TimeProvider time)
{
    /// <summary>How far the clock of the backend that signs may be ahead of the server's.</summary>
    public static readonly TimeSpan ClockLeeway = TimeSpan.FromSeconds(60);

    /// <summary>Verifies a token with the live secrets of its key.</summary>
    public async Task<TokenVerdict> VerifyAsync(ClientToken token, IReadOnlyList<ApiKeySecret> secrets)
    {
        foreach (var secret in secrets)
        {
            switch (await TokenSignature.CheckAsync(token.Text, secret.Value))
            {
                case SignatureCheck.Matches:
                    return VerifyClaims(token, secret.Id);
                case SignatureCheck.Unreadable:
                    // The text alone is wrong. Its author can see that too, so it may be reported without a signature.
                    // If the claims that are used are right, the library refuses the type of another registered claim.
                    return TokenVerdict.Invalid(
                        ReadClaims(token, out var fault) is null ? fault : TokenFault.InvalidClaim);
                default:
                    continue; // Another secret of the key may match.
            }
        }

        return TokenVerdict.Invalid(TokenFault.WrongSignature);
    }

    private TokenVerdict VerifyClaims(ClientToken token, int secretId)
    {
        if (ReadClaims(token, out var fault) is not { } claims)
        {
            return TokenVerdict.Invalid(fault);
        }

        var now = time.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0;
        var latest = now + ClockLeeway.TotalSeconds;
        if (claims.Expiry <= now)
        {
            return TokenVerdict.Expired;
        }

        if (claims.Expiry > latest + maxLifetime.TotalSeconds)
        {
            return TokenVerdict.Invalid(TokenFault.ExpiryTooFar);
        }

        return claims.NotBefore > latest || claims.IssuedAt > latest
            ? TokenVerdict.Invalid(TokenFault.NotYetValid)
            : new TokenVerdict(AuthenticationOutcome.Authenticated, TokenFault.None, secretId, GrantOf(claims));
    }

    private static TokenGrant GrantOf(TokenClaims claims) => new(
        claims.Orders ?? [], claims.Orders is null, DateTimeOffset.FromUnixTimeSeconds((long)claims.Expiry),
        claims.Subject);

    private static TokenClaims? ReadClaims(ClientToken token, out TokenFault fault)
    {
        using var json = token.ReadClaims();
        if (json is null)
        {
            fault = TokenFault.Malformed;
            return null;
        }

        return TokenClaims.Read(json.RootElement, out fault);
    }
}

/// <summary>The result of verifying a token.</summary>
/// <param name="Outcome">Authenticated, invalid or expired.</param>
/// <param name="Fault">The part of an invalid token that is wrong.</param>
/// <param name="SecretId">The secret that signed it; 0 unless authenticated.</param>
/// <param name="Grant">What it allows; null unless authenticated.</param>
internal sealed record TokenVerdict(
    AuthenticationOutcome Outcome, TokenFault Fault = TokenFault.None, int SecretId = 0, TokenGrant? Grant = null)
{
    public static TokenVerdict Expired { get; } = new(AuthenticationOutcome.TokenExpired);

    public static TokenVerdict Invalid(TokenFault fault) => new(AuthenticationOutcome.InvalidToken, fault);
}
