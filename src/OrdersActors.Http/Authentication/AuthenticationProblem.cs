using OrdersActors.FrontEnd.Sessions.Authentication;
using OrdersActors.Http.Problems;

namespace OrdersActors.Http.Authentication;

/// <summary>
/// The answers to credentials that are not accepted. A wrong secret, a wrong HMAC and an unknown, revoked or expired
/// key get the same answer, so that it does not reveal whether a key exists.
/// </summary>
internal static class AuthenticationProblem
{
    private static readonly TimeSpan ShortestRetry = TimeSpan.FromSeconds(1);

    public static ProblemException Of(AuthenticationResult result, ClientCredentials credentials) =>
        result.Outcome switch
        {
            AuthenticationOutcome.SignatureExpired => new(
                401, ProblemCode.SignatureExpired, "the timestamp is too far from the server's clock"),
            AuthenticationOutcome.TokenExpired => new(401, ProblemCode.TokenExpired, "the token has expired"),
            _ when credentials.Token is not null => new(401, ProblemCode.InvalidToken, Describe(result.TokenFault)),
            _ when credentials.Signature is not null => new(401, ProblemCode.InvalidCredentials,
                "the API key or the signature is wrong: expected the HMAC-SHA256, keyed with the secret of the key, of "
                + $"{credentials.Method}{credentials.Path}<timestamp>"),
            _ => new(401, ProblemCode.InvalidCredentials, "the API key or its secret is wrong"),
        };

    public static ProblemException TooManyFailures(TimeSpan wait) => new(429, ProblemCode.RateLimited,
        "too many authentications have failed; this one was not checked, try again later")
    {
        RetryAfter = wait > ShortestRetry ? wait : ShortestRetry,
    };

    public static ProblemException Undecided() => new(503, ProblemCode.Unavailable,
        "the credentials could not be checked; nothing was changed, try again")
    {
        RetryAfter = ShortestRetry,
    };

    // A wrong key and a wrong signature get one answer, the same as an unknown key, which has no fault.
    private static string Describe(TokenFault fault) =>
        fault is TokenFault.None or TokenFault.OtherApiKey or TokenFault.WrongSignature
            ? "the token does not match the API key in its header's kid, or its signature is wrong"
            : $"the token is not valid: {TokenFaults.Describe(fault)}";
}
