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

/// <summary>
/// Which part of an authorization signature is wrong. Everything but the last two is told by the text alone, so it
/// reveals nothing.
/// </summary>
[GenerateSerializer, Alias("OrdersActors.SignatureFault")]
public enum SignatureFault
{
    /// <summary>Nothing is wrong, or the silo is of a previous version and does not say.</summary>
    None,

    /// <summary>Longer than any signature is.</summary>
    TooLong,

    /// <summary>A part between commas that is not <c>name=value</c>, or whose name is none of the three.</summary>
    UnknownField,

    /// <summary>One of the three fields is there twice.</summary>
    RepeatedField,

    /// <summary>There is no <c>APIKey</c>, or it is empty.</summary>
    MissingApiKey,

    /// <summary>There is no <c>signature</c>, or it is empty.</summary>
    MissingSignature,

    /// <summary>There is no <c>timestamp</c>, or it is empty.</summary>
    MissingTimestamp,

    /// <summary>The timestamp is not a whole number of seconds.</summary>
    TimestampNotANumber,

    /// <summary>The timestamp has so many digits that it counts milliseconds or less.</summary>
    TimestampNotInSeconds,

    /// <summary>The signature is 32 bytes in base64 instead of hex.</summary>
    SignatureInBase64,

    /// <summary>The signature is not 64 hex digits.</summary>
    SignatureNotHex,

    /// <summary>It names another key than the connect's.</summary>
    OtherApiKey,

    /// <summary>It is well-formed, and its HMAC is not the right one.</summary>
    WrongHmac,
}

/// <summary>The answer to an authentication.</summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="OrganizationId">The key's organization; null unless authenticated.</param>
/// <param name="IsSigned">Whether a valid signature came with the key, which organization-wide subscriptions require.</param>
/// <param name="Fault">Of an invalid signature: which part is wrong. A previous version does not send it.</param>
[GenerateSerializer, Immutable, Alias("OrdersActors.AuthenticationResult")]
public sealed record AuthenticationResult(
    [property: Id(0)] AuthenticationOutcome Outcome,
    [property: Id(1)] string? OrganizationId = null,
    [property: Id(2)] bool IsSigned = false,
    [property: Id(3)] SignatureFault Fault = SignatureFault.None);
