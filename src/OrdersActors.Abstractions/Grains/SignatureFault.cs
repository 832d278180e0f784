namespace OrdersActors;

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
