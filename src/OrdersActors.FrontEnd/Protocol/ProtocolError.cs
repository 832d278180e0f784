namespace OrdersActors.FrontEnd.Protocol;

/// <summary>
/// The errors that clients can get: the same closed set as the protocol's table of errors. Each has a code for
/// programs, which never changes, and the words that begin the message for people.
/// </summary>
internal sealed class ProtocolError
{
    private ProtocolError(string code, string words)
    {
        Code = code;
        Words = words;
    }

    public static ProtocolError InvalidMessage { get; } = new("invalid_message", "invalid message");

    public static ProtocolError UnknownType { get; } = new("unknown_type", "unknown message type");

    public static ProtocolError NotAuthenticated { get; } = new("not_authenticated", "not authenticated");

    public static ProtocolError InvalidApiKey { get; } = new("invalid_api_key", "invalid api_key");

    public static ProtocolError InvalidSignature { get; } = new("invalid_signature", "invalid authorization_signature");

    public static ProtocolError SignatureExpired { get; } = new("signature_expired", "expired authorization_signature");

    public static ProtocolError InvalidToken { get; } = new("invalid_token", "invalid token");

    public static ProtocolError TokenExpired { get; } = new("token_expired", "expired token");

    public static ProtocolError AlreadyAuthenticated { get; } = new("already_authenticated", "already authenticated");

    public static ProtocolError AccessDenied { get; } = new("access_denied", "access denied");

    public static ProtocolError TooManySubscriptions { get; } = new("too_many_subscriptions", "too many subscriptions");

    public static ProtocolError RateLimited { get; } = new("rate_limited", "rate limited");

    public static ProtocolError Unavailable { get; } = new("unavailable", "temporarily unavailable");

    public string Code { get; }

    public string Words { get; }

    public override string ToString() => Code;
}
