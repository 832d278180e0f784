using Microsoft.Extensions.Options;
using Orleans.Concurrency;

namespace OrdersActors.Grains.Authentication;

/// <summary>Reentrant, so that a lookup in the database holds up nobody whose key is in the cache.</summary>
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

        var signature = AuthorizationSignature.Parse(authorizationSignature);
        var outcome = signature is not null && signature.ApiKey == apiKey
            ? signature.Verify(key.Secret, time.GetUtcNow(), options.Value.SignatureWindow)
            : AuthenticationOutcome.InvalidSignature;
        return outcome == AuthenticationOutcome.Authenticated
            ? new AuthenticationResult(outcome, key.OrganizationId, IsSigned: true)
            : new AuthenticationResult(outcome);
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
}
