using System.Net.WebSockets;
using Microsoft.Extensions.Logging;
using OrdersActors.FrontEnd.Authentication;
using OrdersActors.FrontEnd.Protocol;
using OrdersActors.FrontEnd.Subscriptions;

namespace OrdersActors.FrontEnd.Connections;

/// <summary>
/// One client from its upgrade to its end.
/// </summary>
/// <remarks>
/// <code>
///   socket ──► MessageReader ──► rate ──► parser ──► RequestHandler ──┐ replies
///   socket ◄───────────────── OutboundQueue ◄─────────────────────────┤
///                                                    feeds ───────────┘ events
/// </code>
/// One message is handled at a time, so replies come in the order of the requests. Events come from the feeds' threads.
/// Everything that is sent goes through the queue. How connections end is told in <see cref="CloseReason"/>.
/// </remarks>
internal sealed partial class Connection : IReplyChannel
{
    private readonly Action _abort;
    private readonly TimeSpan _closeTimeout;
    private readonly int _maxSubscriptions;
    private readonly TimeProvider _time;
    private readonly ILogger<Connection> _logger;
    private readonly MessageRateLimit _rate;
    private readonly RequestHandler _requests;
    private readonly MessageReader _reader;
    private readonly WebSocket _socket;
    private int _isClosing;
    private volatile bool _isHandling;

    public Connection(
        Stream stream, Action abort, FeedHub hub, FeedReader feedReader, FrontEndTurns turns, Authenticator authenticator,
        FrontEndOptions options, TimeProvider time, ILogger<Connection> logger)
    {
        _abort = abort;
        _closeTimeout = options.CloseTimeout;
        _maxSubscriptions = options.MaxSubscriptions;
        _time = time;
        _logger = logger;
        _rate = new MessageRateLimit(options, time);
        OpenedAt = LastReadAt = LastPingAt = time.GetTimestamp();
        Outbound = new OutboundQueue(stream, options.MaxQueuedBytes, OnBroken);
        var subscriptions = new ConnectionSubscriptions(hub, feedReader, turns, Outbound, Close, time, logger);
        _requests = new RequestHandler(authenticator, subscriptions, turns, options, time, this);
        _socket = WebSocket.CreateFromStream(
            new SocketStream(stream, () => LastReadAt = time.GetTimestamp(), WriteByItself),
            // Pings are sent by ConnectionClock: one timer for all connections instead of one each.
            new WebSocketCreationOptions { IsServer = true, KeepAliveInterval = TimeSpan.Zero });
        _reader = new MessageReader(_socket, options.MaxMessageBytes);
    }

    public OutboundQueue Outbound { get; }

    /// <summary>Who the client is; null before it has authenticated.</summary>
    public ClientIdentity? Identity => _requests.Identity;

    /// <summary>Whether it is not the client that is to blame when it has not authenticated.</summary>
    public bool IsConnectUndecided => _requests.IsConnectUndecided;

    /// <summary>Timestamps of the time provider, for the clock.</summary>
    public long OpenedAt { get; }

    public long LastReadAt { get; private set; }

    public long LastPingAt { get; private set; }

    /// <summary>
    /// Whether a message is being handled. Nothing is read meanwhile, so that the client is silent says nothing.
    /// </summary>
    public bool IsHandling => _isHandling;

    /// <summary>When the server began to close; 0 while it has not.</summary>
    public long ClosingAt { get; private set; }

    public bool IsClosing => Volatile.Read(ref _isClosing) != 0;

    /// <summary>Serves the client until either side ends it. Does not fail.</summary>
    public async Task RunAsync(CancellationToken aborted)
    {
        try
        {
            while (await _reader.ReadAsync(HandleAsync, aborted))
            {
            }

            // Echoes the client's status, or finds the queue closed where the server had begun.
            await _socket.CloseOutputAsync(
                _socket.CloseStatus is { } status and not WebSocketCloseStatus.Empty ? status : WebSocketCloseStatus.NormalClosure,
                null, aborted);
        }
        catch (UnacceptableMessageException e)
        {
            Close(e.Reason);
            await DrainAsync(aborted);
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or IOException)
        {
            LogTransportEnded(e);
        }
        catch (Exception e)
        {
            LogFault(e, Identity?.OrganizationId);
            Close(CloseReason.ServerFault);
        }

        await _requests.Subscriptions.DisposeAsync();
        await Outbound.CompleteAsync(_closeTimeout, _time);
        _socket.Dispose();
    }

    /// <summary>Begins to close, once: says why, and refuses what comes later. Callable from anywhere, also under locks.</summary>
    public void Close(CloseReason reason)
    {
        if (Interlocked.Exchange(ref _isClosing, 1) == 0)
        {
            ClosingAt = _time.GetTimestamp();
            Outbound.Close(reason.ToFrames(), reason.DiscardQueue);
            LogClosing(reason.Status, reason.Message);
        }
    }

    /// <summary>Ends the transport at once.</summary>
    public void Abort() => _abort();

    public void Ping()
    {
        LastPingAt = _time.GetTimestamp();
        Outbound.TryEnqueue(WebSocketFrame.Ping);
    }

    private async Task HandleAsync(ReadOnlyMemory<byte> message)
    {
        if (ClosingAt != 0)
        {
            return;
        }

        switch (_rate.Take())
        {
            case MessageVerdict.Disconnect:
                Close(CloseReason.TooManyMessages);
                return;
            case MessageVerdict.Refuse:
                Reply(ServerFrames.Error(null, ProtocolError.RateLimited, $"{ProtocolError.RateLimited.Words}: the message was not handled; slow down"));
                return;
        }

        var wasKnown = Identity is not null;
        _isHandling = true;
        await _requests.HandleAsync(message);
        LastReadAt = _time.GetTimestamp();
        _isHandling = false;
        if (!wasKnown && Identity is not null)
        {
            _rate.Allow(_maxSubscriptions);
        }
    }

    /// <summary>Sends a frame; closes a connection whose queue is full.</summary>
    public void Reply(byte[] frame)
    {
        if (!Outbound.TryEnqueue(frame))
        {
            Close(CloseReason.TooSlow);
        }
    }

    /// <summary>
    /// What the WebSocket sends on its own account: answers to pings, answers to closes, and closes for broken UTF-8 or
    /// framing, which are announced like all others where the transport still understands us.
    /// </summary>
    private void WriteByItself(byte[] frame)
    {
        if (!WebSocketFrame.IsClose(frame[0]))
        {
            Reply(frame);
        }
        else if (_socket.State is WebSocketState.Open && IsInvalidPayload(frame))
        {
            Close(CloseReason.InvalidUtf8);
        }
        else
        {
            Interlocked.Exchange(ref _isClosing, 1);
            Outbound.Close([frame], discardQueue: false);
        }
    }

    private static bool IsInvalidPayload(byte[] closeFrame) =>
        closeFrame.Length >= 4
        && ((closeFrame[2] << 8) | closeFrame[3]) == (int)WebSocketCloseStatus.InvalidPayloadData;

    /// <summary>
    /// Reads on and throws away until the client has answered the close, or the clock ends it. Closing a socket with unread data
    /// would reset it, and the client would never see why.
    /// </summary>
    private async Task DrainAsync(CancellationToken aborted)
    {
        try
        {
            var buffer = new byte[1024];
            while ((await _socket.ReceiveAsync(buffer.AsMemory(), aborted)).MessageType != WebSocketMessageType.Close)
            {
            }
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or IOException)
        {
            LogTransportEnded(e);
        }
    }

    private void OnBroken(Exception e)
    {
        LogTransportEnded(e);
        Abort();
    }

    [LoggerMessage(1320, LogLevel.Debug, "A connection's transport ended")]
    private partial void LogTransportEnded(Exception exception);

    [LoggerMessage(1321, LogLevel.Error, "A connection of {OrganizationId} failed and is closed with 1011")]
    private partial void LogFault(Exception exception, string? organizationId);

    [LoggerMessage(1322, LogLevel.Debug, "A connection is being closed with {Status}: {Reason}")]
    private partial void LogClosing(int status, string reason);
}
