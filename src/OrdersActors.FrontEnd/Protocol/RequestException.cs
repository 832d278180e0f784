namespace OrdersActors.FrontEnd.Protocol;

/// <summary>
/// A client's message is refused. It is answered with an <c>error</c> message and has no other effect.
/// </summary>
/// <param name="refusal">The reason.</param>
/// <param name="orderId">
/// The order that the message named. Null if it named no order, or if the name is not valid.
/// </param>
internal sealed class RequestException(Refusal refusal, string? orderId = null) : Exception(refusal.Message)
{
    public RequestException(ProtocolError code, string detail)
        : this(new Refusal(code, detail))
    {
    }

    public ProtocolError Code => refusal.Code;

    public string? OrderId => orderId;

    /// <summary>The time after which the client may retry; null if the error does not contain it.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
