namespace OrdersActors.FrontEnd.Protocol;

/// <summary>
/// Why a request is not granted: the content of an <c>error</c> message. The request has changed nothing.
/// </summary>
/// <param name="Code">The code for programs.</param>
/// <param name="Detail">What the message says after the code's own words.</param>
internal sealed record Refusal(ProtocolError Code, string Detail)
{
    /// <summary>The message for people.</summary>
    public string Message => $"{Code.Words}: {Detail}";
}
