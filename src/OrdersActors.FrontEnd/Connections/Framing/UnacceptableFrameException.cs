namespace OrdersActors.FrontEnd.Connections.Framing;

/// <summary>The client sent a frame that ends the connection.</summary>
internal sealed class UnacceptableFrameException(CloseReason reason) : Exception(reason.Message)
{
    public CloseReason Reason => reason;

    /// <summary>The client broke the framing: no later byte can be interpreted.</summary>
    public static UnacceptableFrameException Violation(string what) => new(CloseReason.ProtocolViolation(what));
}
