using OrdersActors.FrontEnd.Transport;

namespace OrdersActors.FrontEnd.Protocol;

/// <summary>
/// The reason why the server ends a connection. This is the whole policy of closing. Every close that the server begins
/// is announced by an <c>error</c> message, which a close frame with the status follows. Queued frames are sent before
/// them, except to a client that does not read. The transport ends when the client has answered, or after
/// <see cref="FrontEndOptions.CloseTimeout"/>. Until then, the server reads and drops what the client sends, at the
/// pace and up to the limit of <see cref="DrainPace"/>. After broken framing it does so for
/// <see cref="ViolationLinger"/> only, because it could not recognize the client's answer. Only a transport that is
/// broken or silent ends without an announcement.
/// </summary>
/// <param name="Status">The status of the close frame (RFC 6455, section 7.4).</param>
/// <param name="Code">The code of the error that announces it.</param>
/// <param name="Message">The part of the error's message after the code's words.</param>
/// <param name="DiscardQueue">
/// Whether queued frames are dropped. The client does not read them, and it can resume.
/// </param>
internal sealed record CloseReason(ushort Status, ProtocolError Code, string Message, bool DiscardQueue = false)
{
    /// <summary>The status of a close because of broken framing.</summary>
    public const ushort ProtocolViolationStatus = 1002;

    /// <summary>How long bytes are read and dropped after a close with 1002.</summary>
    public static readonly TimeSpan ViolationLinger = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How long a client that sends too many messages waits for its close. Nothing is read from it meanwhile. A client
    /// that comes back at once and goes on would take the server's time for a new connection with every round.
    /// </summary>
    public static readonly TimeSpan TooManyMessagesDelay = TimeSpan.FromSeconds(2);

    public static CloseReason ServerStopping { get; } =
        new(1001, ProtocolError.Unavailable, "the server is stopping; connect again and resume");

    public static CloseReason ServerRestarting { get; } =
        new(1012, ProtocolError.Unavailable, "this server is leaving; connect again to reach another one, and resume");

    public static CloseReason NotAuthenticatedInTime { get; } =
        new(1008, ProtocolError.NotAuthenticated, "no successful connect in time");

    public static CloseReason ConnectUndecided { get; } =
        new(1013, ProtocolError.Unavailable, "the connect could not be checked in time; connect again");

    public static CloseReason NoSilos { get; } = new(
        1013, ProtocolError.Unavailable,
        "this server has lost the cluster; connect again, perhaps to another one, and resume");

    public static CloseReason SubscribeUndecided { get; } =
        new(1013, ProtocolError.Unavailable, "a subscribe could not be answered in time; connect again and resume");

    public static CloseReason TooManyMessages { get; } =
        new(1008, ProtocolError.RateLimited, "messages kept coming after they were refused");

    public static CloseReason TooManyFailedConnects { get; } =
        new(1008, ProtocolError.RateLimited, "connects kept coming after they were refused");

    public static CloseReason KeyRevoked { get; } = new(1008, ProtocolError.InvalidApiKey, "the key has been revoked");

    public static CloseReason KeyExpired { get; } = new(1008, ProtocolError.InvalidApiKey, "the key has expired");

    // A client that asks its backend for a new signature continues at once; any other is refused when it connects.
    public static CloseReason SecretEnded { get; } = new(
        1012, ProtocolError.Unavailable,
        "the secret of the signature or token has been replaced; connect again with a new one, and resume");

    // A client without a proof would be refused when it subscribes again.
    public static CloseReason KeyRestricted { get; } = new(
        1008, ProtocolError.AccessDenied, "the key now requires a signature or a token for every subscription");

    public static CloseReason TokenExpired { get; } =
        new(1008, ProtocolError.TokenExpired, "the token has reached its exp; connect with a new token and resume");

    public static CloseReason TooSlow { get; } = new(
        1013, ProtocolError.Unavailable, "the client reads too slowly and its queue is full; connect again and resume",
        DiscardQueue: true);

    public static CloseReason QueuesFull { get; } = new(
        1013, ProtocolError.Unavailable,
        "the server holds too much for clients that read slowly, and this one is among the slowest; connect again and "
        + "resume",
        DiscardQueue: true);

    public static CloseReason HistoryGone { get; } = new(
        1013, ProtocolError.Unavailable,
        "the client reads too slowly, and its next events are no longer kept; connect again and resume",
        DiscardQueue: true);

    public static CloseReason HistoryRewritten { get; } = new(
        1012, ProtocolError.Unavailable,
        "the history of events was rewritten; connect again, resume, and check \"resumed\"");

    public static CloseReason ClosedByOperator { get; } =
        new(1012, ProtocolError.Unavailable, "an operator closed the connection; connect again and resume");

    public static CloseReason ServerFault { get; } =
        new(1011, ProtocolError.Unavailable, "the server failed on this connection; connect again and resume");

    /// <summary>The reason for a connect of an organization, key or customer with too many connections.</summary>
    public static CloseReason TooManyConnections(string limit) => new(1013, ProtocolError.RateLimited, limit);

    /// <summary>The reason for a frame that the server does not accept.</summary>
    public static CloseReason Of(UnacceptableFrameException e) => e.Fault switch
    {
        FrameFault.BinaryMessage => new CloseReason(1003, ProtocolError.InvalidMessage, e.Message),
        FrameFault.InvalidUtf8 or FrameFault.InvalidCompression =>
            new CloseReason(1007, ProtocolError.InvalidMessage, e.Message),
        FrameFault.TooManyEmptyFrames => new CloseReason(1008, ProtocolError.RateLimited, e.Message),
        FrameFault.MessageTooBig => new CloseReason(1009, ProtocolError.InvalidMessage, e.Message),
        _ => new CloseReason(ProtocolViolationStatus, ProtocolError.InvalidMessage, e.Message),
    };

    /// <summary>The error message and the close frame.</summary>
    public byte[][] ToFrames() =>
    [
        ServerFrames.Error(null, Code, $"{Code.Words}: {Message}"),
        WebSocketFrame.Close(Status, Code.Words),
    ];
}
