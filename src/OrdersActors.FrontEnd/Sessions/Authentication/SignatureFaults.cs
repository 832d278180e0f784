namespace OrdersActors.FrontEnd.Sessions.Authentication;

/// <summary>The error texts for faults in an authorization signature.</summary>
internal static class SignatureFaults
{
    private const string Expected = "APIKey=<api_key>,signature=<hex>,timestamp=<unix seconds>";

    /// <summary>
    /// Returns the error text. The default text is for a silo of another version, which may not report the fault or may
    /// report one that is unknown here.
    /// </summary>
    public static string Describe(SignatureFault fault) => fault switch
    {
        SignatureFault.TooLong => $"it is longer than any valid signature, expected {Expected}",
        SignatureFault.UnknownField => $"it has a part that is not one of the three fields, expected {Expected}",
        SignatureFault.RepeatedField => $"one of its fields is given twice, expected {Expected}",
        SignatureFault.MissingApiKey => $"APIKey is missing, expected {Expected}",
        SignatureFault.MissingSignature => $"signature is missing, expected {Expected}",
        SignatureFault.MissingTimestamp => $"timestamp is missing, expected {Expected}",
        SignatureFault.TimestampNotANumber => "timestamp must be Unix time in whole seconds, digits only",
        SignatureFault.TimestampNotInSeconds =>
            "timestamp must be Unix time in seconds, but it has too many digits: is it in milliseconds?",
        SignatureFault.SignatureInBase64 => "signature must be 64 hex digits, but it is base64",
        SignatureFault.SignatureNotHex => "signature must be the 64 hex digits of an HMAC-SHA256",
        SignatureFault.OtherApiKey => "its APIKey is not the api_key of this connect",
        SignatureFault.WrongHmac =>
            "it is well-formed, but its HMAC does not match: expected the HMAC-SHA256, keyed with the secret of this "
            + "api_key, of GET/ws<timestamp>",
        _ => $"expected {Expected}, where hex is the HMAC-SHA256, keyed with the secret, of GET/ws<timestamp>",
    };
}
