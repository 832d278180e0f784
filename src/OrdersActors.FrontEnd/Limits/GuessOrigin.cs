using System.Net;

namespace OrdersActors.FrontEnd.Limits;

/// <summary>The client that names an order: its address, and the identity that authentication established.</summary>
/// <param name="Address">The client's address; null on a Unix socket.</param>
/// <param name="OrganizationId">The key's organization, for logs.</param>
/// <param name="ApiKey">The authenticated key. It is never logged.</param>
internal readonly record struct GuessOrigin(IPAddress? Address, string OrganizationId, string ApiKey)
{
    /// <summary>Omits the key, so that it does not appear in logs.</summary>
    public override string ToString() => $"client of {OrganizationId} at {Address}";
}
