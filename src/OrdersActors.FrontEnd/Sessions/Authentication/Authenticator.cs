using OrdersActors.FrontEnd.Protocol;

namespace OrdersActors.FrontEnd.Sessions.Authentication;

/// <summary>Authenticates with the authentication grain.</summary>
internal sealed class Authenticator(IGrainFactory grains) : IAuthenticator
{
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

        var result = await grains.Find<IAuthenticationGrain>(0)
            .Authenticate(message.ApiKey, message.AuthorizationSignature);
        return result.Outcome switch
        {
            AuthenticationOutcome.Authenticated => new ClientIdentity(
                message.ApiKey, result.OrganizationId!, result.IsSigned || current is { IsSigned: true },
                result.IsRestricted, result.SecretId > 0 ? result.SecretId : current?.SecretId ?? 0, result.Grant),
            AuthenticationOutcome.InvalidApiKey =>
                throw new RequestException(ProtocolError.InvalidApiKey, "no valid key was given"),
            AuthenticationOutcome.InvalidSignature =>
                throw new RequestException(ProtocolError.InvalidSignature, SignatureFaults.Describe(result.Fault)),
            AuthenticationOutcome.SignatureExpired =>
                throw new RequestException(
                    ProtocolError.SignatureExpired, "the timestamp is too far from the server's clock"),
            _ => throw new InvalidOperationException(
                $"Authentication returned {result.Outcome}, which this front end does not know."),
        };
    }
}
