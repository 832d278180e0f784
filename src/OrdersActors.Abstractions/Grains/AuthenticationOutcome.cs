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
}
