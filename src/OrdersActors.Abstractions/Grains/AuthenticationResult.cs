namespace OrdersActors;

/// <summary>The answer to an authentication. A previous version does not send the members after the third.</summary>
/// <param name="Outcome">The outcome.</param>
/// <param name="OrganizationId">The key's organization; null unless authenticated.</param>
/// <param name="IsSigned">
/// Whether the client proved that it knows a secret of the key, by a signature or by the secret itself.
/// </param>
/// <param name="Fault">The part of an invalid signature that is wrong.</param>
/// <param name="IsRestricted">
/// Whether the key's access mode is restricted: each subscription needs a signature or a token.
/// </param>
/// <param name="SecretId">The secret that proved the signature, token or secret; 0 if nothing was proved.</param>
/// <param name="Grant">What the token allows; null without a token.</param>
/// <param name="TokenFault">The part of an invalid token that is wrong.</param>
/// <param name="ApiKey">
/// The key of the request, also if only the token named it; null from a previous version and unless authenticated.
/// </param>
[GenerateSerializer, Immutable, Alias("OrdersActors.AuthenticationResult")]
public sealed record AuthenticationResult(
    [property: Id(0)] AuthenticationOutcome Outcome,
    [property: Id(1)] string? OrganizationId = null,
    [property: Id(2)] bool IsSigned = false,
    [property: Id(3)] SignatureFault Fault = SignatureFault.None,
    [property: Id(4)] bool IsRestricted = false,
    [property: Id(5)] int SecretId = 0,
    [property: Id(6)] TokenGrant? Grant = null,
    [property: Id(7)] TokenFault TokenFault = TokenFault.None,
    [property: Id(8)] string? ApiKey = null)
{
    /// <summary>Omits the key, so that it does not appear in logs.</summary>
    public override string ToString() => $"{Outcome} of {OrganizationId}";
}
