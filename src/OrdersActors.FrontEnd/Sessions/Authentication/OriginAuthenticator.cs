using OrdersActors.FrontEnd.Limits;
using OrdersActors.FrontEnd.Protocol;

namespace OrdersActors.FrontEnd.Sessions.Authentication;

/// <summary>
/// Refuses connects of pages from origins that the key's organization does not allow. It decides after the key was
/// checked and counted, so a refusal is not a failed connect: nobody guesses keys.
/// </summary>
internal sealed class OriginAuthenticator(IAuthenticator authenticator, PageOrigin origin) : IAuthenticator
{
    public async Task<ClientIdentity> ConnectAsync(ClientIdentity? current, ClientMessage message)
    {
        var identity = await authenticator.ConnectAsync(current, message);
        return origin.MayActFor(identity.OrganizationId)
            ? identity
            : throw new RequestException(ProtocolError.AccessDenied, "the key must not be used on this page");
    }
}
