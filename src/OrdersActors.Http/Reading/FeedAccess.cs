using Microsoft.AspNetCore.Http;
using OrdersActors.FrontEnd.Sessions.Authentication;
using OrdersActors.Http.Authentication;

namespace OrdersActors.Http.Reading;

/// <summary>
/// Establishes who sends a request and whether it may read a feed. The organization of the feed is always the
/// authenticated one, so a request cannot name another organization's order.
/// </summary>
internal sealed class FeedAccess(IRequestAuthenticator authenticator)
{
    /// <summary>Returns the client and the feed that it may read.</summary>
    /// <param name="context">The request.</param>
    /// <param name="orderId">The order; null for the whole organization.</param>
    /// <exception cref="Problems.ProblemException">The client is unknown, or may not read the feed.</exception>
    public async Task<(ClientIdentity Identity, FeedKey Feed)> AuthorizeAsync(HttpContext context, string? orderId)
    {
        var identity = await authenticator.AuthenticateAsync(context);
        if (orderId is null ? !identity.MayWatchOrganization : !identity.MayWatchOrder(orderId))
        {
            throw orderId is null ? ReadProblems.OrganizationDenied() : ReadProblems.OrderDenied();
        }

        return (identity, new FeedKey(identity.OrganizationId, orderId));
    }
}
