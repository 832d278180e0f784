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
///   socket ──► FrameReader ──► MessageReader ──► rate ──► RequestHandler ──┐ replies
///   socket ◄───────────────── OutboundQueue ◄──────────────────────────────┤
///                                                    feeds ────────────────┘ events
/// </code>
/// One message is handled at a time, so replies come in the order of the requests. Events come from the feeds' threads.
/// Everything that is sent goes through the queue. How connections end is told in <see cref="CloseReason"/>.
/// </remarks>
internal sealed partial class Connection : IMessageSink, IReplyChannel
{
    private readonly Action _abort;
    private readonly TimeSpan _closeTimeout;
    private readonly int _maxSubscriptions;
    private readonly TimeProvider _time;
    private readonly ILogger<Connection> _logger;
    private readonly MessageRateLimit _rate;
    private readonly RequestHandler _requests;
    private readonly FrameReader _frames;
    private readonly MessageReader _reader;
    private int _isClosing;

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
        _frames = new FrameReader(stream, () => LastReadAt = time.GetTimestamp());
        _reader = new MessageReader(_frames, options.MaxMessageBytes, this);
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

    /// <summary>When the server began to close; 0 while it has not.</summary>
    public long ClosingAt { get; private set; }

    public bool IsClosing => Volatile.Read(ref _isClosing) != 0;

    /// <summary>Serves the client until either side ends it. Does not fail.</summary>
    public async Task RunAsync(CancellationToken aborted)
    {
        try
        {
            if (await _reader.RunAsync(aborted) is { } status)
            {
                Answer(status);
            }
        }
        catch (UnacceptableMessageException e)
        {
            Close(e.Reason);
            await DrainAsync(aborted);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
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
        _frames.Dispose();
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

    /// <inheritdoc/>
    public async Task OnMessageAsync(ReadOnlyMemory<byte> text)
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
        await _requests.HandleAsync(text);
        if (!wasKnown && Identity is not null)
        {
            _rate.Allow(_maxSubscriptions);
        }
    }

    /// <inheritdoc/>
    public bool OnFrame()
    {
        if (ClosingAt != 0)
        {
            return false;
        }

        var verdict = _rate.Take();
        if (verdict == MessageVerdict.Disconnect)
        {
            Close(CloseReason.TooManyMessages);
        }

        return verdict == MessageVerdict.Accept;
    }

    /// <inheritdoc/>
    public void OnPing(ReadOnlySpan<byte> payload) => Outbound.SetPong(WebSocketFrame.Pong(payload));

    /// <summary>Sends a frame; closes a connection whose queue is full.</summary>
    public void Reply(byte[] frame)
    {
        if (!Outbound.TryEnqueue(frame))
        {
            Close(CloseReason.TooSlow);
        }
    }

    /// <summary>Echoes the client's status, unless the server had begun to close: then the client has answered.</summary>
    private void Answer(ushort status)
    {
        Interlocked.Exchange(ref _isClosing, 1);
        Outbound.Close([WebSocketFrame.Close(status == CloseStatus.None ? CloseStatus.Normal : status, "")], discardQueue: false);
    }

    private async Task DrainAsync(CancellationToken aborted)
    {
        try
        {
            await _reader.DrainAsync(aborted);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
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
