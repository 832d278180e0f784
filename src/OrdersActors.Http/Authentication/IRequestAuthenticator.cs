using Microsoft.AspNetCore.Http;
using OrdersActors.FrontEnd.Sessions.Authentication;
using OrdersActors.Http.Problems;

namespace OrdersActors.Http.Authentication;

/// <summary>Authenticates HTTP requests: Basic, a signature over method and path, or a Bearer token.</summary>
internal interface IRequestAuthenticator
{
    /// <summary>Returns the identity that the request's credentials prove.</summary>
    /// <exception cref="ProblemException">
    /// 401: there are no credentials, or they are wrong. 429: too many have failed. 503: nobody could decide.
    /// </exception>
    Task<ClientIdentity> AuthenticateAsync(HttpContext context);
}
