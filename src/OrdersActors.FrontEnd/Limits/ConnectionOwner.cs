namespace OrdersActors.FrontEnd.Limits;

/// <summary>To whom a connection belongs, as authentication has established it.</summary>
/// <param name="OrganizationId">The organization.</param>
/// <param name="ApiKey">The key of the organization.</param>
/// <param name="Customer">The customer that the token names; null without a token, or if it names none.</param>
internal readonly record struct ConnectionOwner(string OrganizationId, string ApiKey, string? Customer)
{
    /// <summary>Omits the key, so that it does not appear in logs.</summary>
    public override string ToString() => $"client of {OrganizationId}";
}
