namespace OrdersActors.FrontEnd.Protocol;

/// <summary>A client's message is refused: becomes an <c>error</c> message and nothing else.</summary>
internal sealed class RequestException(ProtocolError code, string detail) : Exception($"{code.Words}: {detail}")
{
    public ProtocolError Code => code;

    /// <summary>When the request may be repeated; null if the error does not say.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
