using OrdersActors.FrontEnd.Connections.Framing;
using OrdersActors.FrontEnd.Protocol;

namespace OrdersActors.FrontEnd.Connections;

/// <summary>
/// Why the server ends a connection. The whole policy of closing, in one place:
/// every close that the server starts is announced by an <c>error</c> message and then a close frame with the status;
/// what was queued before it is still sent, except to a client that does not read.
/// The transport ends when the client has answered, or after <see cref="FrontEndOptions.CloseTimeout"/>. Until then,
/// what the client sends is read and dropped, at most <see cref="MaxSkippedBytes"/>; after broken framing for
/// <see cref="ViolationLinger"/>, because the client's answer could not be recognized. A broken transport is the only
/// end without an announcement.
/// </summary>
/// <param name="Status">The status of the close frame (RFC 6455, section 7.4).</param>
/// <param name="Code">The code of the error that announces it.</param>
/// <param name="Message">What the error says after the code's own words.</param>
/// <param name="DiscardQueue">Whether what is queued is dropped: the client can resume, and does not read anyway.</param>
internal sealed record CloseReason(ushort Status, ProtocolError Code, string Message, bool DiscardQueue = false)
{
    /// <summary>
    /// Most bytes that are read and dropped after the server began to close; then the transport is reset. A thousand of
    /// the largest messages: a client that was refused in the middle of sending something large still learns why.
    /// </summary>
    public const long MaxSkippedBytes = 16 * 1024 * 1024;

    /// <summary>The status of a close because of broken framing.</summary>
    public const ushort ProtocolViolationStatus = 1002;

    /// <summary>For how long bytes are read and dropped after a close with 1002.</summary>
    public static readonly TimeSpan ViolationLinger = TimeSpan.FromSeconds(1);

    public static CloseReason ServerStopping { get; } =
        new(1001, ProtocolError.Unavailable, "the server is stopping; connect again and resume");

    public static CloseReason ServerRestarting { get; } =
        new(1012, ProtocolError.Unavailable, "this server is leaving; connect again, which leads to another one, and resume");

    public static CloseReason BinaryMessage { get; } =
        new(1003, ProtocolError.InvalidMessage, "expected a text message, got a binary one");

    public static CloseReason InvalidUtf8 { get; } = new(1007, ProtocolError.InvalidMessage, "expected UTF-8");

    public static CloseReason NotAuthenticatedInTime { get; } =
        new(1008, ProtocolError.NotAuthenticated, "no successful connect in time");

    public static CloseReason ConnectUndecided { get; } =
        new(1013, ProtocolError.Unavailable, "the connect could not be decided on in time; connect again");

    public static CloseReason NoSilos { get; } =
        new(1013, ProtocolError.Unavailable, "this server has lost the cluster; connect again, which may lead to another one, and resume");

    public static CloseReason SubscribeUndecided { get; } =
        new(1013, ProtocolError.Unavailable, "a subscribe could not be answered in time; connect again and resume");

    public static CloseReason TooManyMessages { get; } =
        new(1008, ProtocolError.RateLimited, "messages kept coming after they were refused");

    /// <summary>After <see cref="MessageReader.MaxEmptyFrames"/> empty frames in one message.</summary>
    public static CloseReason TooManyEmptyFrames { get; } = new(
        1008, ProtocolError.RateLimited, $"more than {MessageReader.MaxEmptyFrames} empty frames in one message");

    public static CloseReason TooManyFailedConnects { get; } =
        new(1008, ProtocolError.RateLimited, "connects kept coming after they were refused");

    public static CloseReason KeyRevoked { get; } = new(1008, ProtocolError.InvalidApiKey, "the key has been revoked");

    public static CloseReason TooSlow { get; } = new(
        1013, ProtocolError.Unavailable, "the client reads too slowly and its queue is full; connect again and resume",
        DiscardQueue: true);

    public static CloseReason HistoryGone { get; } = new(
        1013, ProtocolError.Unavailable,
        "what is still to be sent is no longer kept, the client reads too slowly for it; connect again and resume", DiscardQueue: true);

    public static CloseReason HistoryRewritten { get; } = new(
        1012, ProtocolError.Unavailable,
        "the history of events was rewritten; connect again, resume, and look at \"resumed\"");

    public static CloseReason ServerFault { get; } =
        new(1011, ProtocolError.Unavailable, "the server failed on this connection; connect again and resume");

    /// <summary>Broken framing: nothing that the client sends afterwards can be understood.</summary>
    public static CloseReason ProtocolViolation(string what) =>
        new(ProtocolViolationStatus, ProtocolError.InvalidMessage, what);

    public static CloseReason MessageTooBig(int limit) =>
        new(1009, ProtocolError.InvalidMessage, $"longer than {limit} bytes");

    /// <summary>The error message and the close frame, as they are sent.</summary>
    public byte[][] ToFrames() =>
    [
        ServerFrames.Error(null, Code, $"{Code.Words}: {Message}"),
        WebSocketFrame.Close(Status, Code.Words),
    ];
}
