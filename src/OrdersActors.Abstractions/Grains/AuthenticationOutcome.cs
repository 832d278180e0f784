namespace OrdersActors;

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

    /// <summary>The token is malformed, has a wrong signature, or claims something that is not allowed.</summary>
    InvalidToken,

    /// <summary>The token's signature is correct, but the token has expired.</summary>
    TokenExpired,

    /// <summary>The secret is not a secret of the key.</summary>
    InvalidSecret,
}
