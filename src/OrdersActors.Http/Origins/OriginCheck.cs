using Microsoft.AspNetCore.Http;
using OrdersActors.FrontEnd.Limits;
using OrdersActors.FrontEnd.Sessions.Authentication;
using OrdersActors.Http.Authentication;
using OrdersActors.Http.Problems;

namespace OrdersActors.Http.Origins;

/// <summary>
/// Authenticates a request, and checks whether pages of its origin may act for the organization. See
/// <see cref="CrossOrigin"/>.
/// </summary>
internal sealed class OriginCheck(IRequestAuthenticator authenticator, AllowedOrigins origins) : IRequestAuthenticator
{
    public async Task<ClientIdentity> AuthenticateAsync(HttpContext context)
    {
        var identity = await authenticator.AuthenticateAsync(context);
        var origin = context.Request.Headers.Origin.ToString();
        if (!origins.Permits(identity.OrganizationId, origin))
        {
            throw new ProblemException(
                StatusCodes.Status403Forbidden, ProblemCode.AccessDenied,
                "these credentials must not be used on this page");
        }

        if (!origins.IsListed(identity.OrganizationId, origin))
        {
            // Another organization lists it.
            context.Response.Headers.Remove("Access-Control-Allow-Origin");
        }

        return identity;
    }
}
