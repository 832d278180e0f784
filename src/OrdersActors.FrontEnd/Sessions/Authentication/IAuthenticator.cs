using OrdersActors.FrontEnd.Protocol;

namespace OrdersActors.FrontEnd.Sessions.Authentication;

/// <summary>Authenticates a <c>connect</c>.</summary>
internal interface IAuthenticator
{
    /// <summary>
    /// Returns the identity of a connection after a connect. A connect with the current key confirms the current
    /// identity and may add or renew a signature or a token.
    /// </summary>
    /// <exception cref="RequestException">
    /// The connect fails as a whole. The connection keeps its current identity.
    /// </exception>
    Task<ClientIdentity> ConnectAsync(ClientIdentity? current, ClientMessage message);
}
