using OrdersActors.FrontEnd.Protocol;

namespace OrdersActors.FrontEnd.Sessions;

/// <summary>
/// The end of one connection's token. The client gets one notice before it, and may renew the token with a further
/// connect. At the end, the connection is closed, also while such a connect is undecided.
/// </summary>
/// <remarks>Used only by <see cref="ConnectionClock"/>, so both are accurate to the second.</remarks>
internal sealed class TokenExpiry(RequestHandler requests, IClientChannel client)
{
    /// <summary>How long before the end the notice is sent.</summary>
    public static readonly TimeSpan Notice = TimeSpan.FromSeconds(60);

    // The end that was announced last.
    private DateTimeOffset _announced;

    /// <summary>Sends the notice or closes the connection if it is time.</summary>
    public void Check(DateTimeOffset now)
    {
        if (requests.Identity?.Grant is not { } grant)
        {
            return;
        }

        if (now >= grant.ExpiresAt)
        {
            client.Close(CloseReason.TokenExpired);
        }
        else if (now >= grant.ExpiresAt - Notice
            && grant.ExpiresAt != _announced && ReferenceEquals(grant, requests.ConfirmedGrant))
        {
            _announced = grant.ExpiresAt;
            client.Send(ServerFrames.Expiring(grant.ExpiresAt));
        }
    }
}
