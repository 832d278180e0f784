namespace OrdersActors.FrontEnd.Sessions.Authentication;

/// <summary>
/// A connection's identity as authentication established it. It never depends on what other messages claim.
/// </summary>
/// <param name="ApiKey">The authenticated API key.</param>
/// <param name="OrganizationId">The key's organization.</param>
/// <param name="IsSigned">
/// Whether a connect with the key had a valid signature, which organization-wide subscriptions require.
/// </param>
internal sealed record ClientIdentity(string ApiKey, string OrganizationId, bool IsSigned)
{
    /// <summary>Omits the key, so that it does not appear in logs.</summary>
    public override string ToString() => $"client of {OrganizationId}";
}
