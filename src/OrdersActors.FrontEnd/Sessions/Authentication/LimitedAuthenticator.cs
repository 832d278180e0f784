using OrdersActors.FrontEnd.Limits;
using OrdersActors.FrontEnd.Protocol;

namespace OrdersActors.FrontEnd.Sessions.Authentication;

/// <summary>
/// Refuses connects of an organization, a key or a customer that has reached its limit of connections. It decides after
/// the key was checked, so a refusal is not a failed connect. A new connection is closed, because its client would
/// otherwise wait on it for nothing. A connection that already has an identity keeps it.
/// </summary>
internal sealed class LimitedAuthenticator(
    IAuthenticator authenticator, ConnectionAdmission.Slot slot, IClientChannel client) : IAuthenticator
{
    public async Task<ClientIdentity> ConnectAsync(ClientIdentity? current, ClientMessage message)
    {
        var identity = await authenticator.ConnectAsync(current, message);
        if (slot.Admit(identity.Owner) is not { } refusal)
        {
            return identity;
        }

        ConnectionMetrics.CountFailedConnect(ProtocolError.RateLimited.Code);
        if (current is null)
        {
            client.Close(CloseReason.TooManyConnections(refusal.Reason));
        }

        throw new RequestException(ProtocolError.RateLimited, refusal.Reason) { RetryAfter = refusal.RetryAfter };
    }
}
