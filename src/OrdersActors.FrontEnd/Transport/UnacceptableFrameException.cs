namespace OrdersActors.FrontEnd.Transport;

/// <summary>The client sent a frame that ends the connection. The message is for people.</summary>
internal sealed class UnacceptableFrameException : Exception
{
    private UnacceptableFrameException(FrameFault fault, string message)
        : base(message) => Fault = fault;

    public FrameFault Fault { get; }

    public static UnacceptableFrameException Violation(string what) => new(FrameFault.Violation, what);

    public static UnacceptableFrameException BinaryMessage() =>
        new(FrameFault.BinaryMessage, "expected a text message, got a binary one");

    public static UnacceptableFrameException InvalidUtf8() => new(FrameFault.InvalidUtf8, "expected UTF-8");

    public static UnacceptableFrameException MessageTooBig(int limit) =>
        new(FrameFault.MessageTooBig, $"longer than {limit} bytes");

    public static UnacceptableFrameException InvalidCompression() =>
        new(FrameFault.InvalidCompression, "expected a message that is compressed as RFC 7692 describes");

    public static UnacceptableFrameException TooManyEmptyFrames(int limit) =>
        new(FrameFault.TooManyEmptyFrames, $"more than {limit} empty frames in one message");
}

/// <summary>The kinds of unacceptable frames.</summary>
internal enum FrameFault
{
    /// <summary>The client broke the framing: no later byte can be interpreted.</summary>
    Violation,

    BinaryMessage,

    InvalidUtf8,

    /// <summary>A compressed message cannot be inflated. The framing is intact.</summary>
    InvalidCompression,

    MessageTooBig,

    TooManyEmptyFrames,
}
