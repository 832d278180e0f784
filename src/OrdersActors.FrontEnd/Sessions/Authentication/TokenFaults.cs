namespace OrdersActors.FrontEnd.Sessions.Authentication;

/// <summary>The error texts for faults in a token.</summary>
internal static class TokenFaults
{
    private const string Expected = "a JSON Web Token with alg HS256, signed with the secret of the api_key";

    /// <summary>
    /// Returns the error text. The default text is for a silo of another version, which may report a fault that is
    /// unknown here.
    /// </summary>
    public static string Describe(TokenFault fault) => fault switch
    {
        TokenFault.TooLong => "it has more than 32,768 characters, which no valid token has",
        TokenFault.Malformed =>
            "it is not three parts in base64url without padding, where the first two are JSON objects that have no "
            + "name twice",
        TokenFault.Algorithm => "alg in its header must be HS256",
        TokenFault.OtherApiKey => "kid in its header is not the api_key of this connect",
        TokenFault.WrongSignature =>
            "its signature does not match: expected the HMAC-SHA256 with the secret of this api_key",
        TokenFault.NoExpiry => "the claim exp is missing or not a number, expected Unix time in seconds",
        TokenFault.ExpiryTooFar =>
            "the claim exp is further ahead than this server allows (24 hours by default): is it in milliseconds?",
        TokenFault.NotYetValid => "the claim nbf or iat is in the future by the server's clock",
        TokenFault.InvalidClaim =>
            "a claim is not valid: orders must be an array of order ids, scope must be \"organization\", sub a string "
            + "of at most 128 characters, and the other claims of RFC 7519 must have their types",
        TokenFault.NoScope => "it must have either the claim orders or the claim scope",
        TokenFault.TooManyOrders => "the claim orders has more than 500 elements",
        _ => $"expected {Expected}",
    };
}
