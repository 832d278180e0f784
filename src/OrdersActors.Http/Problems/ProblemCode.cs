using Microsoft.AspNetCore.WebUtilities;

namespace OrdersActors.Http.Problems;

/// <summary>
/// The stable words of problem documents. They never change. Those that also exist on <c>/ws</c> mean the same there.
/// </summary>
internal static class ProblemCode
{
    public const string InvalidEvent = "invalid_event";
    public const string InvalidRequest = "invalid_request";
    public const string NotAuthenticated = "not_authenticated";
    public const string InvalidCredentials = "invalid_credentials";
    public const string InvalidSignature = "invalid_signature";
    public const string SignatureExpired = "signature_expired";
    public const string InvalidToken = "invalid_token";
    public const string TokenExpired = "token_expired";
    public const string AccessDenied = "access_denied";
    public const string NotFound = "not_found";
    public const string MethodNotAllowed = "method_not_allowed";
    public const string NotAcceptable = "not_acceptable";
    public const string Timeout = "timeout";
    public const string Conflict = "conflict";
    public const string TooLarge = "too_large";
    public const string UnsupportedMediaType = "unsupported_media_type";
    public const string RateLimited = "rate_limited";
    public const string Unavailable = "unavailable";
    public const string InternalError = "internal_error";

    /// <summary>The <c>type</c> of a problem: a URI that names the code. It cannot be fetched.</summary>
    public static string TypeOf(string code) => "urn:orders-actors:problem:" + code;

    /// <summary>The <c>title</c> of a problem, the same for all problems with the code.</summary>
    public static string TitleOf(string code, int status) => code switch
    {
        InvalidEvent => "The event is invalid",
        InvalidRequest => "The request is invalid",
        NotAuthenticated => "Authentication is required",
        InvalidCredentials => "The credentials are wrong",
        InvalidSignature => "The signature is malformed",
        SignatureExpired => "The signature has expired",
        InvalidToken => "The token is invalid",
        TokenExpired => "The token has expired",
        AccessDenied => "Access denied",
        Conflict => "The id was used for a different event",
        TooLarge => "The request is too large",
        UnsupportedMediaType => "The content type is not supported",
        RateLimited => "Too many requests",
        Unavailable => "Temporarily unavailable",
        Timeout => "The request came too slowly",
        InternalError => "The server failed",
        _ => ReasonPhrases.GetReasonPhrase(status),
    };

    /// <summary>The code for an answer that has only a status, as routing gives it.</summary>
    public static string Of(int status) => status switch
    {
        401 => NotAuthenticated,
        403 => AccessDenied,
        404 => NotFound,
        405 => MethodNotAllowed,
        406 => NotAcceptable,
        408 => Timeout,
        413 => TooLarge,
        415 => UnsupportedMediaType,
        429 => RateLimited,
        503 => Unavailable,
        >= 500 => InternalError,
        _ => InvalidRequest,
    };
}
