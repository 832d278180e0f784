namespace OrdersActors.FrontEnd.Protocol;

/// <summary>A client's message is refused: becomes an <c>error</c> message and nothing else.</summary>
/// <param name="refusal">The reason.</param>
/// <param name="orderId">The order that the message named; null if it named none, or none that can be read.</param>
internal sealed class RequestException(Refusal refusal, string? orderId = null) : Exception(refusal.Message)
{
    public RequestException(ProtocolError code, string detail)
        : this(new Refusal(code, detail))
    {
    }

    public ProtocolError Code => refusal.Code;

    public string? OrderId => orderId;

    /// <summary>When the request may be repeated; null if the error does not say.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
