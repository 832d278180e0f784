namespace OrdersActors;

/// <summary>
/// Authenticates clients. It runs in the silos so that secrets never leave them.
/// </summary>
[Alias("OrdersActors.IAuthenticationGrain")]
public interface IAuthenticationGrain : IGrainWithIntegerKey
{
    /// <summary>
    /// Checks an API key and, if given, an authorization signature. An invalid signature fails the whole
    /// authentication.
    /// </summary>
    [Alias("Authenticate"), ResponseTimeout("00:00:10")]
    Task<AuthenticationResult> Authenticate(string apiKey, string? authorizationSignature);

    /// <summary>Returns those of the given keys that are no longer valid. At most 1,000 keys per call.</summary>
    [Alias("FindRevoked"), ResponseTimeout("00:00:10")]
    Task<string[]> FindRevoked(string[] apiKeys);
}

/// <summary>The outcome of an authentication.</summary>
[GenerateSerializer, Alias("OrdersActors.AuthenticationOutcome")]
public enum AuthenticationOutcome
{
    /// <summary>The key is valid and so is the signature, if one was given.</summary>
    Authenticated,

    /// <summary>The key is unknown, revoked or missing. All three cases get the same answer.</summary>
    InvalidApiKey,

    /// <summary>The signature is malformed, names another key, or has a wrong HMAC.</summary>
    InvalidSignature,

    /// <summary>The HMAC is correct, but the timestamp is outside the window.</summary>
    SignatureExpired,
}

/// <summary>
/// The part of an authorization signature that is wrong. All faults but the last two are found from the text alone, so
/// they reveal nothing about keys or secrets.
/// </summary>
[GenerateSerializer, Alias("OrdersActors.SignatureFault")]
public enum SignatureFault
{
    /// <summary>
    /// The signature has no fault, or the silo is of a previous version, which does not report faults.
    /// </summary>
    None,

    /// <summary>The text is longer than any valid signature.</summary>
    TooLong,

    /// <summary>A part between commas is not <c>name=value</c>, or has a name other than the three.</summary>
    UnknownField,

    /// <summary>One of the three fields occurs twice.</summary>
    RepeatedField,

    /// <summary><c>APIKey</c> is missing or empty.</summary>
    MissingApiKey,

    /// <summary><c>signature</c> is missing or empty.</summary>
    MissingSignature,

    /// <summary><c>timestamp</c> is missing or empty.</summary>
    MissingTimestamp,

    /// <summary>The timestamp contains a character that is not a digit.</summary>
    TimestampNotANumber,

    /// <summary>The timestamp has so many digits that its unit must be milliseconds or smaller.</summary>
    TimestampNotInSeconds,

    /// <summary>The signature is 32 bytes in base64 instead of hex.</summary>
    SignatureInBase64,

    /// <summary>The signature is not 64 hex digits.</summary>
    SignatureNotHex,

    /// <summary>The signature names another key than the connection's.</summary>
    OtherApiKey,

    /// <summary>The signature is well-formed, but its HMAC is wrong.</summary>
    WrongHmac,
}

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
