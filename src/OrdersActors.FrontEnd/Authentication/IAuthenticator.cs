using OrdersActors.FrontEnd.Protocol;

namespace OrdersActors.FrontEnd.Authentication;

/// <summary>Turns a <c>connect</c> into an identity.</summary>
internal interface IAuthenticator
{
    /// <summary>Authenticates, or confirms and extends what a connection already is.</summary>
    /// <exception cref="RequestException">The connect fails, whole; the connection stays what it was.</exception>
    Task<ClientIdentity> ConnectAsync(ClientIdentity? current, ClientMessage message);
}
