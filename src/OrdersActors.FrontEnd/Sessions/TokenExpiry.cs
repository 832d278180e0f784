using OrdersActors.FrontEnd.Protocol;

namespace OrdersActors.FrontEnd.Sessions;

/// <summary>
/// The end of one connection's token. The client gets one notice before it, and may renew the token with a further
/// connect. At the end, the connection is closed, also while such a connect is undecided.
/// </summary>
/// <remarks>Used only by <see cref="ConnectionClock"/>, so both are accurate to the second.</remarks>
internal sealed class TokenExpiry(IClientChannel client)
{
    /// <summary>How long before the end the notice is sent.</summary>
    private static readonly TimeSpan Notice = TimeSpan.FromSeconds(60);

    // The end that was announced last.
    private DateTimeOffset _announced;

    /// <summary>Sends the notice or closes the connection if it is time.</summary>
    /// <param name="now">The current time.</param>
    /// <param name="grant">What the client's token allows; null without a token.</param>
    /// <param name="isConfirmed">Whether the client has been told that its token was accepted.</param>
    public void Check(DateTimeOffset now, TokenGrant? grant, bool isConfirmed)
    {
        if (grant is null)
        {
            return;
        }

        if (now >= grant.ExpiresAt)
        {
            client.Close(CloseReason.TokenExpired);
        }
        else if (now >= grant.ExpiresAt - Notice && grant.ExpiresAt != _announced && isConfirmed)
        {
            _announced = grant.ExpiresAt;
            client.Send(client.Encoding == FrameEncoding.WebSocket
                ? ServerFrames.Expiring(grant.ExpiresAt)
                : ServerSentEvents.Expiring(grant.ExpiresAt));
        }
    }
}
