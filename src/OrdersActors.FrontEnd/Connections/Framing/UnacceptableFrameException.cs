namespace OrdersActors.FrontEnd.Connections.Framing;

/// <summary>The client sent something that ends the connection.</summary>
internal sealed class UnacceptableFrameException(CloseReason reason) : Exception(reason.Message)
{
    public CloseReason Reason => reason;

    /// <summary>The client broke the framing: nothing that follows can be understood.</summary>
    public static UnacceptableFrameException Violation(string what) => new(CloseReason.ProtocolViolation(what));
}
