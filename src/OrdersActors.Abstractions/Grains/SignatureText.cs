namespace OrdersActors;

/// <summary>
/// The three fields of an <c>authorization_signature</c>:
/// <c>APIKey=&lt;key&gt;,signature=&lt;hex&gt;,timestamp=&lt;unix seconds&gt;</c>, in any order, with blanks around
/// commas allowed and hex in upper or lower case. Its form is checked without a key or a secret.
/// </summary>
/// <param name="ApiKey">The API key that the signature names.</param>
/// <param name="Signature">64 hex digits.</param>
/// <param name="Timestamp">Unix time in seconds, at most 11 digits, as it was written.</param>
internal readonly record struct SignatureText(string ApiKey, string Signature, string Timestamp)
{
    // The three fields with a long key are well below this length; a longer text is not parsed.
    private const int MaxLength = 1024;

    // Seconds with 11 digits reach the year 5138. Today's milliseconds have 13 digits.
    private const int MaxTimestampDigits = 11;

    private const int HmacBytes = 32;

    /// <summary>Reads a text. Returns the part that is wrong, or none.</summary>
    public static SignatureFault Read(string text, out SignatureText fields)
    {
        ArgumentNullException.ThrowIfNull(text);
        var fault = ReadFields(text, out fields);
        return fault != SignatureFault.None ? fault
            : fields.ApiKey.Length == 0 ? SignatureFault.MissingApiKey
            : fields.Signature.Length == 0 ? SignatureFault.MissingSignature
            : fields.Timestamp.Length == 0 ? SignatureFault.MissingTimestamp
            : TimestampFault(fields.Timestamp) is var wrong and not SignatureFault.None ? wrong
            : HexFault(fields.Signature);
    }

    /// <summary>Whether a text begins like a signature.</summary>
    public static bool IsLike(string text) =>
        text.StartsWith("APIKey=", StringComparison.Ordinal)
        || text.StartsWith("signature=", StringComparison.Ordinal)
        || text.StartsWith("timestamp=", StringComparison.Ordinal);

    private static SignatureFault ReadFields(string text, out SignatureText fields)
    {
        fields = new SignatureText("", "", "");
        if (text.Length > MaxLength)
        {
            return SignatureFault.TooLong;
        }

        string? apiKey = null, hex = null, seconds = null;
        foreach (var field in text.Split(','))
        {
            var (name, value) = Split(field);
            switch (name)
            {
                case "APIKey" when apiKey is null:
                    apiKey = value;
                    break;
                case "signature" when hex is null:
                    hex = value;
                    break;
                case "timestamp" when seconds is null:
                    seconds = value;
                    break;
                case "APIKey" or "signature" or "timestamp":
                    return SignatureFault.RepeatedField;
                default:
                    return SignatureFault.UnknownField;
            }
        }

        fields = new SignatureText(apiKey ?? "", hex ?? "", seconds ?? "");
        return SignatureFault.None;
    }

    private static SignatureFault TimestampFault(string timestamp) =>
        !timestamp.All(char.IsAsciiDigit) ? SignatureFault.TimestampNotANumber
        : timestamp.Length > MaxTimestampDigits ? SignatureFault.TimestampNotInSeconds
        : SignatureFault.None;

    private static SignatureFault HexFault(string signature) =>
        signature.Length == 2 * HmacBytes && signature.All(char.IsAsciiHexDigit) ? SignatureFault.None
        : IsBase64(signature) ? SignatureFault.SignatureInBase64
        : SignatureFault.SignatureNotHex;

    /// <summary>Whether it is 32 bytes in base64 of either alphabet, with or without padding.</summary>
    private static bool IsBase64(string signature)
    {
        var standard = signature.TrimEnd('=').Replace('-', '+').Replace('_', '/');
        return standard.Length == 43 && Convert.TryFromBase64String(standard + "=", new byte[HmacBytes], out _);
    }

    private static (string Name, string Value) Split(string field)
    {
        var trimmed = field.Trim(' ');
        var equals = trimmed.IndexOf('=', StringComparison.Ordinal);
        return equals < 0 ? ("", "") : (trimmed[..equals], trimmed[(equals + 1)..]);
    }
}
