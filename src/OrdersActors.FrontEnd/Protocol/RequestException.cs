namespace OrdersActors.FrontEnd.Protocol;

/// <summary>
/// A valid message is refused. It is answered with an <c>error</c> message and has no other effect.
/// </summary>
internal sealed class RequestException(ProtocolError code, string detail)
    : Exception(new Refusal(code, detail).Message)
{
    public ProtocolError Code => code;

    /// <summary>The time after which the client may retry; null if the error does not contain it.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
