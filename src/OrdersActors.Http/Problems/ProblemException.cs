namespace OrdersActors.Http.Problems;

/// <summary>A request is refused. The answer is a problem document (RFC 9457) with these members.</summary>
/// <param name="status">The HTTP status.</param>
/// <param name="code">
/// A stable word such as <c>invalid_event</c>. A client branches on it, never on the text. The words of
/// <c>/ws</c> are used where the meaning is the same.
/// </param>
/// <param name="detail">What was expected, in one sentence.</param>
internal sealed class ProblemException(int status, string code, string detail) : Exception(detail)
{
    public int Status => status;

    public string Code => code;

    /// <summary>The field that is wrong, as the client wrote it; null if it is not about one field.</summary>
    public string? Field { get; init; }

    /// <summary>The 0-based index of the event in the request; null if there is only one.</summary>
    public long? Index { get; init; }

    /// <summary>Sent as <c>Retry-After</c>, in whole seconds; null if a retry cannot help.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Further members of the document, such as the number of stored events.</summary>
    public IReadOnlyDictionary<string, object?> Members { get; init; } = new Dictionary<string, object?>();
}
