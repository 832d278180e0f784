using OrdersActors.Client.Protocol;

namespace OrdersActors.Client.Connections;

/// <summary>
/// Whether the end of a connection makes further attempts pointless. A refused connect counts as a close with 1008.
/// </summary>
/// <remarks>
/// 1008 has many reasons, and the error before it gives the reason. After <c>rate_limited</c>, after the deadline of
/// the connect, and if the reason was lost, the client comes back: if its key is no longer valid, the answer to its
/// next connect says so.
/// </remarks>
internal static class Verdict
{
    public const int Policy = 1008;

    // Credentials that will never be accepted, and faults of the client.
    private static readonly string[] Final =
    [
        "invalid_api_key", "invalid_signature", "invalid_token", "already_authenticated", "access_denied",
        "invalid_message", "unknown_type",
    ];

    public static bool IsFinal(int status, ServerError? reason, bool hasTokens) =>
        status is 1003 or 1007 or 1009
        || (status == Policy && reason is not null
            && (Final.Contains(reason.Code) || (reason.Code == "token_expired" && !hasTokens)));
}
