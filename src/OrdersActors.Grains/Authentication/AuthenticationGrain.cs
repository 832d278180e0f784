using Microsoft.Extensions.Options;
using Orleans.Concurrency;
using OrdersActors.Storage;

namespace OrdersActors.Grains.Authentication;

/// <summary>
/// Checks API keys and signatures. Reentrant, so that a database lookup does not delay calls whose key is in the cache.
/// It has no state of its own, so all calls may interleave.
/// </summary>
[GrainType("authentication")]
[StatelessWorker, Reentrant]
internal sealed class AuthenticationGrain(ApiKeyCache keys, IOptions<AuthenticationOptions> options, TimeProvider time)
    : Grain, IAuthenticationGrain
{
    public async Task<AuthenticationResult> Authenticate(string apiKey, string? authorizationSignature)
    {
        if (await keys.FindValidAsync(apiKey) is not { } key)
        {
            return new AuthenticationResult(AuthenticationOutcome.InvalidApiKey);
        }

        if (authorizationSignature is null)
        {
            return new AuthenticationResult(AuthenticationOutcome.Authenticated, key.OrganizationId);
        }

        return AuthorizationSignature.Parse(authorizationSignature, out var fault) is { } signature
            ? Verify(signature, apiKey, key)
            : Invalid(fault);
    }

    public async Task<string[]> FindRevoked(string[] apiKeys)
    {
        var revoked = new List<string>();
        foreach (var key in apiKeys)
        {
            if (await keys.FindValidAsync(key) is null)
            {
                revoked.Add(key);
            }
        }

        return [.. revoked];
    }

    private AuthenticationResult Verify(AuthorizationSignature signature, string apiKey, ApiKey key)
    {
        if (signature.ApiKey != apiKey)
        {
            return Invalid(SignatureFault.OtherApiKey);
        }

        return signature.Verify(key.Secret, time.GetUtcNow(), options.Value.SignatureWindow) switch
        {
            AuthenticationOutcome.Authenticated =>
                new AuthenticationResult(AuthenticationOutcome.Authenticated, key.OrganizationId, IsSigned: true),
            AuthenticationOutcome.InvalidSignature => Invalid(SignatureFault.WrongHmac),
            var outcome => new AuthenticationResult(outcome),
        };
    }

    private static AuthenticationResult Invalid(SignatureFault fault) =>
        new(AuthenticationOutcome.InvalidSignature, Fault: fault);
}
