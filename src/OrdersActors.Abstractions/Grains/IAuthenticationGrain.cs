namespace OrdersActors;

/// <summary>
/// Decides who a client is. It runs in the silos so that secrets never leave them.
/// </summary>
[Alias("OrdersActors.IAuthenticationGrain")]
public interface IAuthenticationGrain : IGrainWithIntegerKey
{
    /// <summary>
    /// Checks an API key and, where one is given, an authorization signature. A bad signature fails whole.
    /// </summary>
    [Alias("Authenticate"), ResponseTimeout("00:00:10")]
    Task<AuthenticationResult> Authenticate(string apiKey, string? authorizationSignature);

    /// <summary>Of these keys, those that are no longer valid. At most 1,000 a call.</summary>
    [Alias("FindRevoked"), ResponseTimeout("00:00:10")]
    Task<string[]> FindRevoked(string[] apiKeys);
}

/// <summary>How an authentication ended.</summary>
[GenerateSerializer, Alias("OrdersActors.AuthenticationOutcome")]
public enum AuthenticationOutcome
{
    /// <summary>The client is who it says.</summary>
    Authenticated,

    /// <summary>Unknown, revoked or missing key; one answer for all three.</summary>
    InvalidApiKey,

    /// <summary>Malformed, for another key, or not the right HMAC.</summary>
    InvalidSignature,

    /// <summary>The right HMAC over a timestamp outside the window.</summary>
    SignatureExpired,
}

/// <summary>The answer to an authentication.</summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="OrganizationId">The key's organization; null unless authenticated.</param>
/// <param name="IsSigned">Whether a valid signature came with the key, which organization-wide subscriptions require.</param>
[GenerateSerializer, Immutable, Alias("OrdersActors.AuthenticationResult")]
public sealed record AuthenticationResult(
    [property: Id(0)] AuthenticationOutcome Outcome,
    [property: Id(1)] string? OrganizationId = null,
    [property: Id(2)] bool IsSigned = false);
