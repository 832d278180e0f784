namespace OrdersActors.Testing;

/// <summary>An API key of a test server.</summary>
/// <param name="OrganizationId">The organization that the key belongs to.</param>
/// <param name="ApiKey">The key.</param>
/// <param name="Secret">Its secret.</param>
public sealed record OrdersTestKey(string OrganizationId, string ApiKey, string Secret)
{
    /// <summary>Names the key and hides the secret.</summary>
    public override string ToString() => $"{ApiKey} of {OrganizationId}";
}
