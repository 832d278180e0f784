namespace OrdersActors;

/// <summary>The part of a token that is wrong.</summary>
[GenerateSerializer, Alias("OrdersActors.TokenFault")]
public enum TokenFault
{
    /// <summary>The token has no fault.</summary>
    None,

    /// <summary>The text is longer than the longest token that is read.</summary>
    TooLong,

    /// <summary>The text is not three parts of base64url with a JSON header and JSON claims.</summary>
    Malformed,

    /// <summary>The header's <c>alg</c> is not <c>HS256</c>.</summary>
    Algorithm,

    /// <summary>The header's <c>kid</c> is not the key of the request.</summary>
    OtherApiKey,

    /// <summary>The signature does not match a secret of the key.</summary>
    WrongSignature,

    /// <summary>The claim <c>exp</c> is missing or is not a number.</summary>
    NoExpiry,

    /// <summary>The claim <c>exp</c> is further ahead than the maximum lifetime.</summary>
    ExpiryTooFar,

    /// <summary>The claim <c>nbf</c> or <c>iat</c> is in the future.</summary>
    NotYetValid,

    /// <summary>A claim has another type than expected, or a value that is not allowed.</summary>
    InvalidClaim,

    /// <summary>The token has neither <c>orders</c> nor <c>scope</c>, or both.</summary>
    NoScope,

    /// <summary>The claim <c>orders</c> has more entries than a token may have.</summary>
    TooManyOrders,
}
