using System.Diagnostics.CodeAnalysis;
using System.Net;
using Microsoft.Extensions.Logging;
using OrdersActors.FrontEnd.Feeds;
using OrdersActors.FrontEnd.Limits;
using OrdersActors.FrontEnd.Protocol;
using OrdersActors.FrontEnd.Sessions.Authentication;
using OrdersActors.FrontEnd.Subscriptions;
using OrdersActors.FrontEnd.Transport;

namespace OrdersActors.FrontEnd.Sessions;

/// <summary>The connection of one client, from its upgrade to its end.</summary>
/// <remarks>
/// <code>
///   socket ──► MessageReader ──► rate ──► parser ──► RequestHandler ──┐ replies
///                    └─► pings ──► rate ──► the pong's slot ──┐       │
///   socket ◄───────────────── OutboundQueue ◄─────────────────┴───────┤
///                                                    feeds ───────────┘ events
/// </code>
/// One message is handled at a time, so replies come in the order of the requests. Events come from the feeds' threads.
/// Every frame is sent through the queue. <see cref="CloseReason"/> states how connections end.
/// </remarks>
[SuppressMessage("Reliability", "CA1001", Justification = "RunAsync disposes of the reader at the connection's end.")]
internal sealed partial class Connection : IFrameHandler, IClientChannel, IClientConnection
{
    private readonly IUpgradedTransport _transport;
    private readonly ConnectionAdmission.Slot _slot;
    private readonly ConnectionRegistry _registry;
    private readonly TimeSpan _closeTimeout;
    private readonly int _maxSubscriptions;
    private readonly TimeProvider _time;
    private readonly ILogger<Connection> _logger;
    private readonly MessageRateLimit _rate;
    private readonly DrainBudget _drains;
    private readonly RequestHandler _requests;
    private readonly TokenExpiry _expiry;
    private readonly SocketInput _input;
    private readonly MessageReader _reader;
    private int _isClosing;
    private volatile bool _isHandling;

    // Whether the client has sent too many messages. Then nothing more is read, and the close follows.
    private bool _isOverLimit;

    public Connection(
        IUpgradedTransport transport, ConnectionAdmission.Slot slot, PageOrigin origin, DeflateExtension? compression,
        ConnectionRegistry registry, FeedHub hub, FeedReader feedReader, FrontEndLimiters limiters,
        Authenticator authenticator, GuessLimits guesses, FrontEndOptions options, TimeProvider time,
        ILogger<Connection> logger)
    {
        _transport = transport;
        _slot = slot;
        _registry = registry;
        _closeTimeout = options.CloseTimeout;
        _maxSubscriptions = options.MaxSubscriptions;
        _time = time;
        _logger = logger;
        CompressionWindow = compression?.Window ?? 0;
        _rate = new MessageRateLimit(options, time);
        _drains = limiters.Drains;
        OpenedAt = LastPingAt = time.GetTimestamp();
        Outbound = new OutboundQueue(transport, options.MaxQueuedBytes, OnBroken, limiters.Queues);
        var subscriptions = new ConnectionSubscriptions(hub, feedReader, limiters, Outbound, this, time, logger);
        var guarded = new GuardedAuthenticator(
            authenticator, guesses, slot.Address, options.MaxFailedConnects, this, logger);
        var guard = new GuessGuard(guesses, slot.Address, options, time);
        _requests = new RequestHandler(
            new LimitedAuthenticator(new OriginAuthenticator(guarded, origin), slot, this), subscriptions, limiters,
            guard, options, time, this);
        _expiry = new TokenExpiry(this);
        _input = new SocketInput(transport.Input, time);
        _reader = new MessageReader(_input, options.MaxMessageBytes, this, compression is not null);
    }

    public OutboundQueue Outbound { get; }

    public int CompressionWindow { get; }

    public int QueuedBytes => Outbound.QueuedBytes;

    /// <summary>The client's identity; null before it has authenticated.</summary>
    public ClientIdentity? Identity => _requests.Identity;

    /// <summary>
    /// Whether the last connect is undecided. Then it is not the client's fault that it has not authenticated.
    /// </summary>
    public bool IsConnectUndecided => _requests.IsConnectUndecided;

    /// <summary>
    /// For <see cref="ConnectionClock"/>, like the next four. The clock may read an old value, which only shifts its
    /// check by a second. This and the next two are timestamps of the time provider.
    /// </summary>
    public long OpenedAt { get; }

    public long LastReadAt => _input.LastReadAt;

    public long LastPingAt { get; private set; }

    /// <summary>
    /// Whether a message is being handled. The reader does not read then, so the client may seem silent although it is
    /// not.
    /// </summary>
    public bool IsHandling => _isHandling;

    /// <summary>When the server began to close, as a timestamp; 0 before that.</summary>
    public long ClosingAt { get; private set; }

    /// <summary>Whether either side has begun to close.</summary>
    public bool IsClosing => Volatile.Read(ref _isClosing) != 0;

    IPAddress? IClientConnection.Address => _slot.Address;
    FeedKey[] IClientConnection.Feeds => _requests.Subscriptions.Keys;
    private IPAddress? RemoteAddress => _slot.Address;

    /// <summary>
    /// Serves the client until either side ends the connection, and disposes of the transport and the slot. Does not
    /// fail.
    /// </summary>
    public async Task RunAsync()
    {
        _registry.Add(this);
        try
        {
            // The end of the transport also ends the read. A token would end it before the last bytes are read.
            do
            {
                await _reader.WaitAsync();
            }
            while (!IsClosing && await _reader.ReadAsync(CancellationToken.None) && !_isOverLimit);

            await OnInputEndedAsync();
        }
        catch (Exception e)
        {
            await OnInputFailedAsync(e);
        }
        finally
        {
            await EndAsync();
        }
    }

    /// <summary>
    /// Begins to close, once: queues the reason and drops later frames. May be called from any thread, also under
    /// locks.
    /// </summary>
    public void Close(CloseReason reason)
    {
        if (Interlocked.Exchange(ref _isClosing, 1) == 0)
        {
            ClosingAt = _time.GetTimestamp();
            Outbound.Close(reason.ToFrames(), reason.DiscardQueue);
            ConnectionMetrics.CountClosed(reason.Status, isSlow: reason.DiscardQueue);
            LogClosing(RemoteAddress, reason.Status, reason.Message);
        }
    }

    /// <summary>Ends the transport at once.</summary>
    public void Abort() => _transport.Abort();

    /// <summary>Announces the end of the client's token, or closes at it.</summary>
    public void CheckToken()
    {
        var grant = Identity?.Grant;
        _expiry.Check(_time.GetUtcNow(), grant, ReferenceEquals(grant, _requests.ConfirmedGrant));
    }

    public void Ping()
    {
        LastPingAt = _time.GetTimestamp();
        Outbound.TryEnqueue(WebSocketFrame.Ping);
    }

    Task IFrameHandler.OnMessageAsync(ReadOnlyMemory<byte> utf8)
    {
        if (IsClosing)
        {
            return Task.CompletedTask;
        }

        switch (_rate.Take())
        {
            case MessageVerdict.Disconnect:
                _isOverLimit = true;
                return Task.CompletedTask;
            case MessageVerdict.Refuse:
                Send(ServerFrames.Error(
                    null, ProtocolError.RateLimited,
                    $"{ProtocolError.RateLimited.Words}: the message was not handled; slow down",
                    retryAfter: _rate.RetryAfter));
                return Task.CompletedTask;
            default:
                return HandleAsync(utf8);
        }
    }

    void IFrameHandler.OnContinuation() => Count();

    void IFrameHandler.OnPing(ReadOnlySpan<byte> payload)
    {
        if (Count())
        {
            Outbound.EnqueuePong(WebSocketFrame.Pong(payload));
        }
    }

    void IFrameHandler.OnPong() => Count();

    /// <summary>Counts a frame that is not a message. Returns false if the client sends too many.</summary>
    private bool Count()
    {
        var verdict = _rate.Take();
        _isOverLimit |= verdict == MessageVerdict.Disconnect;
        return verdict == MessageVerdict.Accept;
    }

    private async Task HandleAsync(ReadOnlyMemory<byte> message)
    {
        var wasKnown = Identity is not null;
        _isHandling = true;
        await _requests.HandleAsync(message);
        _input.LastReadAt = _time.GetTimestamp();
        _isHandling = false;
        if (!wasKnown && Identity is not null)
        {
            _rate.Allow(_maxSubscriptions);
            _slot.Authenticated();
        }
    }

    /// <summary>Sends a frame. Closes the connection if its queue is full.</summary>
    public void Send(byte[] frame)
    {
        if (!Outbound.TryEnqueue(frame))
        {
            Close(CloseReason.TooSlow);
        }
    }
}
