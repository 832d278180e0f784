using OrdersActors.FrontEnd.Protocol;

namespace OrdersActors.FrontEnd.Sessions.Authentication;

/// <summary>
/// Decides whether a client's identity covers a feed, before anything is looked up. So the answer for an order that is
/// not covered never depends on whether the order exists.
/// </summary>
internal static class AccessRules
{
    private static readonly Refusal OrganizationNeedsSignature = new(
        ProtocolError.AccessDenied,
        "an organization-wide subscription needs a connect with an authorization_signature");

    private static readonly Refusal OrganizationNotInToken = new(
        ProtocolError.AccessDenied,
        "the token is for single orders; an organization-wide subscription needs a connect with a token that has the "
        + "scope \"organization\", or with an authorization_signature");

    private static readonly Refusal OrderNotInToken = new(
        ProtocolError.AccessDenied, "the token does not name this order; connect again with a token that does");

    private static readonly Refusal ProofNeeded = new(
        ProtocolError.AccessDenied,
        "this api_key allows nothing by itself; connect again with a token or an authorization_signature");

    /// <summary>
    /// Returns why the client may not watch a feed of its organization; null if it may, provided that the order exists
    /// or may be awaited (<see cref="MayAwait"/>).
    /// </summary>
    /// <param name="identity">The client.</param>
    /// <param name="orderId">The order, or null for the whole organization.</param>
    public static Refusal? FindRefusal(ClientIdentity identity, string? orderId)
    {
        if (orderId is null)
        {
            return identity.MayWatchOrganization ? null
                : identity.Grant is null ? OrganizationNeedsSignature
                : OrganizationNotInToken;
        }

        return identity.MayWatchOrder(orderId) ? null
            : identity.Grant is null ? ProofNeeded
            : OrderNotInToken;
    }

    /// <summary>Whether the client may subscribe to the order before the order has an event.</summary>
    public static bool MayAwait(ClientIdentity identity, string? orderId) =>
        orderId is not null && identity.MayAwaitOrder(orderId);
}
