namespace OrdersActors.FrontEnd.Protocol;

/// <summary>
/// The reason why a request is refused: the content of an <c>error</c> message. The request has changed nothing.
/// </summary>
/// <param name="Code">The code for programs.</param>
/// <param name="Detail">The part of the message after the code's words.</param>
/// <param name="RetryAfter">
/// The time after which the client may retry; null if the error does not contain it.
/// </param>
internal sealed record Refusal(ProtocolError Code, string Detail, TimeSpan? RetryAfter = null)
{
    /// <summary>The message for people.</summary>
    public string Message => $"{Code.Words}: {Detail}";
}
