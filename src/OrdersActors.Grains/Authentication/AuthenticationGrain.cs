using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using Orleans.Concurrency;
using OrdersActors.Storage;

namespace OrdersActors.Grains.Authentication;

/// <summary>
/// Checks API keys and what proves them. Reentrant, so that a database lookup does not delay calls whose key is in the
/// cache. It has no state of its own, so all calls may interleave.
/// </summary>
[GrainType("authentication")]
[StatelessWorker, Reentrant]
internal sealed class AuthenticationGrain(ApiKeyCache keys, IOptions<AuthenticationOptions> options, TimeProvider time)
    : Grain, IAuthenticationGrain
{
    public Task<AuthenticationResult> Authenticate(string apiKey, string? authorizationSignature) =>
        AuthenticateClient(new ClientCredentials { ApiKey = apiKey, Signature = authorizationSignature });

    public async Task<AuthenticationResult> AuthenticateClient(ClientCredentials credentials)
    {
        if (await keys.FindValidAsync(credentials.ApiKey) is not { } key)
        {
            return new AuthenticationResult(AuthenticationOutcome.InvalidApiKey);
        }

        if (credentials.Secret is { } secret)
        {
            return VerifySecret(secret, credentials.ApiKey, key);
        }

        if (credentials.Signature is null)
        {
            return Authenticated(credentials.ApiKey, key);
        }

        return AuthorizationSignature.Parse(credentials.Signature, out var fault) is { } signature
            ? VerifySignature(signature, credentials, key)
            : Invalid(fault);
    }

    public async Task<KeyUse[]> FindEnded(KeyUse[] uses)
    {
        var ended = new List<KeyUse>();
        foreach (var use in uses)
        {
            if (!IsLive(use, await keys.FindValidAsync(use.ApiKey)))
            {
                ended.Add(use);
            }
        }

        return [.. ended];
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

    private static bool IsLive(KeyUse use, ApiKey? key) =>
        key is not null && (use.SecretId == 0
            ? key.Access == ApiKeyAccess.Open
            : key.Secrets.Any(secret => secret.Id == use.SecretId));

    private static AuthenticationResult VerifySecret(string given, string apiKey, ApiKey key)
    {
        var bytes = Encoding.UTF8.GetBytes(given);
        foreach (var secret in key.Secrets)
        {
            if (CryptographicOperations.FixedTimeEquals(bytes, Encoding.UTF8.GetBytes(secret.Value)))
            {
                return Authenticated(apiKey, key, secret.Id);
            }
        }

        return new AuthenticationResult(AuthenticationOutcome.InvalidSecret);
    }

    private AuthenticationResult VerifySignature(
        AuthorizationSignature signature, ClientCredentials credentials, ApiKey key)
    {
        if (signature.ApiKey != credentials.ApiKey)
        {
            return Invalid(SignatureFault.OtherApiKey);
        }

        foreach (var secret in key.Secrets)
        {
            switch (signature.Verify(
                secret.Value, time.GetUtcNow(), options.Value.SignatureWindow, credentials.Method, credentials.Path))
            {
                case AuthenticationOutcome.Authenticated:
                    return Authenticated(credentials.ApiKey, key, secret.Id);
                case AuthenticationOutcome.SignatureExpired:
                    return new AuthenticationResult(AuthenticationOutcome.SignatureExpired);
                default:
                    continue; // Another secret of the key may match.
            }
        }

        return Invalid(SignatureFault.WrongHmac);
    }

    private static AuthenticationResult Authenticated(string apiKey, ApiKey key, int secretId = 0) => new(
        AuthenticationOutcome.Authenticated, key.OrganizationId, IsSigned: secretId > 0,
        IsRestricted: key.Access == ApiKeyAccess.Restricted, SecretId: secretId, ApiKey: apiKey);

    private static AuthenticationResult Invalid(SignatureFault fault) =>
        new(AuthenticationOutcome.InvalidSignature, Fault: fault);
}
