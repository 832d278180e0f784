using Microsoft.Extensions.Logging;
using OrdersActors.FrontEnd.Protocol;

namespace OrdersActors.FrontEnd.Sessions.Authentication;

/// <summary>Authenticates with the authentication grain.</summary>
internal sealed partial class Authenticator(IGrainFactory grains, ILogger<Authenticator> logger) : IAuthenticator
{
    // Found once. Several threads may find it at the same time, which does no harm.
    private IAuthenticationGrain? _grain;

    private IAuthenticationGrain Grain => _grain ??= grains.Find<IAuthenticationGrain>(0);

    public async Task<ClientIdentity> ConnectAsync(ClientIdentity? current, ClientMessage message)
    {
        if (string.IsNullOrEmpty(message.ApiKey))
        {
            throw new RequestException(ProtocolError.InvalidApiKey, "no valid key was given");
        }

        if (current is not null && current.ApiKey != message.ApiKey)
        {
            throw new RequestException(
                ProtocolError.AlreadyAuthenticated, "with another api_key; open a new connection for this one");
        }

        // Without a token, the call that a silo of a previous version knows too.
        var result = message.Token is null
            ? await Grain.Authenticate(message.ApiKey, message.AuthorizationSignature)
            : await VerifyTokenAsync(new ClientCredentials { ApiKey = message.ApiKey, Token = message.Token });
        return result.Outcome switch
        {
            AuthenticationOutcome.Authenticated => Identify(current, message, result),
            AuthenticationOutcome.InvalidApiKey =>
                throw new RequestException(ProtocolError.InvalidApiKey, "no valid key was given"),
            AuthenticationOutcome.InvalidSignature =>
                throw new RequestException(ProtocolError.InvalidSignature, SignatureFaults.Describe(result.Fault)),
            AuthenticationOutcome.SignatureExpired =>
                throw new RequestException(
                    ProtocolError.SignatureExpired, "the timestamp is too far from the server's clock"),
            AuthenticationOutcome.InvalidToken =>
                throw new RequestException(ProtocolError.InvalidToken, TokenFaults.Describe(result.TokenFault)),
            AuthenticationOutcome.TokenExpired =>
                throw new RequestException(
                    ProtocolError.TokenExpired, "the claim exp is in the past by the server's clock"),
            _ => throw new InvalidOperationException(
                $"Authentication returned {result.Outcome}, which this front end does not know."),
        };
    }

    /// <summary>
    /// Combines a successful connect with what the connection had before. A connect with the key alone changes nothing.
    /// A signature replaces a token. A token keeps a signature, and then the connection still depends on the secret
    /// that made the signature, so that it ends with that secret.
    /// </summary>
    private ClientIdentity Identify(ClientIdentity? current, ClientMessage message, AuthenticationResult result)
    {
        var identity = new ClientIdentity(
            message.ApiKey!, result.OrganizationId!, result.IsSigned, result.IsRestricted, result.SecretId,
            result.Grant);
        if (result.Grant is { } grant)
        {
            LogToken(identity.OrganizationId, grant.Subject, grant.ExpiresAt);
        }

        if (current is null || result.IsSigned)
        {
            return identity;
        }

        return current.IsSigned || result.Grant is null
            ? identity with
            {
                IsSigned = current.IsSigned,
                SecretId = current.SecretId,
                Grant = result.Grant ?? current.Grant,
            }
            : identity;
    }

    private async Task<AuthenticationResult> VerifyTokenAsync(ClientCredentials credentials)
    {
        try
        {
            return await Grain.AuthenticateClient(credentials);
        }
        catch (Exception e) when (UnknownMethod.Is(e))
        {
            LogNotVerified(e);
            throw new OrleansException("a silo could not verify a token", e);
        }
    }

    [LoggerMessage(1327, LogLevel.Debug,
        "A client of {OrganizationId} connected with a token for customer {Subject}, which expires at {ExpiresAt}")]
    private partial void LogToken(string organizationId, string? subject, DateTimeOffset expiresAt);

    [LoggerMessage(1326, LogLevel.Warning,
        "A silo could not verify a client's token. The client retries. A silo of a previous version does not know " +
        "tokens; this ends when all silos are updated")]
    private partial void LogNotVerified(Exception exception);
}
