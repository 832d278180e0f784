namespace OrdersActors.FrontEnd.Authentication;

/// <summary>Who a connection is, as authentication established it; never what a message claims.</summary>
/// <param name="ApiKey">The key that was shown.</param>
/// <param name="OrganizationId">The key's organization.</param>
/// <param name="IsSigned">Whether a valid signature came with it, which organization-wide subscriptions require.</param>
internal sealed record ClientIdentity(string ApiKey, string OrganizationId, bool IsSigned)
{
    /// <summary>Keeps the key out of logs.</summary>
    public override string ToString() => $"client of {OrganizationId}";
}
