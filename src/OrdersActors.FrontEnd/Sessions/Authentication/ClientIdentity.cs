using OrdersActors.FrontEnd.Limits;

namespace OrdersActors.FrontEnd.Sessions.Authentication;

/// <summary>
/// A client's identity as authentication established it. It never depends on what other messages claim.
/// </summary>
/// <param name="ApiKey">The authenticated API key.</param>
/// <param name="OrganizationId">The key's organization.</param>
/// <param name="IsSigned">
/// Whether the client proved that it knows a secret of the key. Then it may watch the whole organization.
/// </param>
/// <param name="IsRestricted">Whether the key alone allows nothing.</param>
/// <param name="SecretId">The secret that proved the signature or token; 0 without a proof.</param>
/// <param name="Grant">What the client's token allows; null without a token.</param>
internal sealed record ClientIdentity(
    string ApiKey, string OrganizationId, bool IsSigned, bool IsRestricted = false, int SecretId = 0,
    TokenGrant? Grant = null)
{
    /// <summary>To whom the connection belongs, for the limits on connections.</summary>
    public ConnectionOwner Owner => new(OrganizationId, ApiKey, Grant?.Subject);

    /// <summary>Whether the client may watch all events of its organization.</summary>
    public bool MayWatchOrganization => IsSigned || Grant is { IsOrganization: true };

    /// <summary>
    /// Whether the client may watch an order of its organization. A token limits an open key to the token's orders.
    /// </summary>
    public bool MayWatchOrder(string orderId) =>
        MayWatchOrganization || (Grant is null ? !IsRestricted : Grant.Orders.Contains(orderId));

    /// <summary>
    /// Whether the client may watch an order that has no events yet. The holder of an open key may not, because the
    /// order's id is its only proof.
    /// </summary>
    public bool MayAwaitOrder(string orderId) => MayWatchOrganization || (Grant is not null && MayWatchOrder(orderId));

    /// <summary>Omits the key, so that it does not appear in logs.</summary>
    public override string ToString() => $"client of {OrganizationId}";
}
