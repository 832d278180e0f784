namespace OrdersActors;

/// <summary>The answer to an authentication.</summary>
/// <param name="Outcome">The outcome.</param>
/// <param name="OrganizationId">The key's organization; null unless authenticated.</param>
/// <param name="IsSigned">
/// Whether a valid signature came with the key. Organization-wide subscriptions require one.
/// </param>
/// <param name="Fault">The part of an invalid signature that is wrong. A previous version does not send it.</param>
[GenerateSerializer, Immutable, Alias("OrdersActors.AuthenticationResult")]
public sealed record AuthenticationResult(
    [property: Id(0)] AuthenticationOutcome Outcome,
    [property: Id(1)] string? OrganizationId = null,
    [property: Id(2)] bool IsSigned = false,
    [property: Id(3)] SignatureFault Fault = SignatureFault.None);
