using System.Net;
using Microsoft.Extensions.Logging;
using OrdersActors.FrontEnd;
using OrdersActors.FrontEnd.Feeds;
using OrdersActors.FrontEnd.Limits;
using OrdersActors.FrontEnd.Protocol;
using OrdersActors.FrontEnd.Sessions;
using OrdersActors.FrontEnd.Sessions.Authentication;
using OrdersActors.FrontEnd.Subscriptions;
using OrdersActors.FrontEnd.Transport;

namespace OrdersActors.Http.Streams;

/// <summary>
/// One client's stream of server-sent events, from its subscription to its end: another transport for one subscription
/// of a connection.
/// </summary>
/// <remarks>
/// <code>
///   feed ──► ConnectionSubscriptions ──► OutboundQueue ──► response body
/// </code>
/// The queue is bounded in bytes. If it is full, the stream ends, and the client resumes after the last event that it
/// has read. Before the server ends a stream, an event <c>end</c> says why (<see cref="CloseReason"/>). Nothing is read
/// from the client; its disappearance is noticed when a heartbeat cannot be delivered.
/// </remarks>
internal sealed partial class EventStream : IClientChannel, IClientConnection, IAsyncDisposable
{
    // For the write that is pending when the transport is aborted.
    private static readonly TimeSpan AbortTimeout = TimeSpan.FromSeconds(1);

    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly OutboundQueue _outbound;
    private readonly ConnectionSubscriptions _subscriptions;
    private readonly TokenExpiry _expiry;
    private readonly IPAddress? _address;
    private readonly Action _abort;
    private readonly TimeSpan _closeTimeout;
    private readonly TimeProvider _time;
    private readonly ILogger<EventStream> _logger;
    private int _isClosing;
    private int _isDisposed;

    public EventStream(
        Stream body, Action abort, ClientIdentity identity, IPAddress? address, FeedHub hub, FeedReader reader,
        FrontEndLimiters limiters, FrontEndOptions options, TimeProvider time, ILogger<EventStream> logger)
    {
        Identity = identity;
        _abort = abort;
        _address = address;
        _closeTimeout = options.CloseTimeout;
        _time = time;
        _logger = logger;
        _expiry = new TokenExpiry(this);
        OpenedAt = LastPingAt = time.GetTimestamp();
        _outbound = new OutboundQueue(new StreamOutput(body), options.MaxQueuedBytes, OnBroken, limiters.Queues);
        _subscriptions = new ConnectionSubscriptions(hub, reader, limiters, _outbound, this, time, logger);
    }

    public ClientIdentity Identity { get; }

    public FrameEncoding Encoding => FrameEncoding.ServerSent;

    public int QueuedBytes => _outbound.QueuedBytes;

    public long OpenedAt { get; }

    public long LastPingAt { get; private set; }

    public long ClosingAt { get; private set; }

    public bool IsClosing => Volatile.Read(ref _isClosing) != 0;

    IPAddress? IClientConnection.Address => _address;

    FeedKey[] IClientConnection.Feeds => _subscriptions.Keys;

    bool IClientConnection.IsConnectUndecided => false;

    bool IClientConnection.IsHandling => true;

    long IClientConnection.LastReadAt => OpenedAt;

    /// <inheritdoc cref="ConnectionSubscriptions.GetBoundsAsync"/>
    public Task<FeedBounds?> GetBoundsAsync(FeedKey feed) =>
        _subscriptions.GetBoundsAsync(feed, AccessRules.MayAwait(Identity, feed.OrderId));

    /// <summary>Subscribes, and serves the client until either side ends the stream. Does not fail.</summary>
    /// <param name="feed">The feed, which the client may watch.</param>
    /// <param name="start">Where the stream begins.</param>
    /// <param name="aborted">Cancelled when the client has left or the transport was aborted.</param>
    public async Task RunAsync(FeedKey feed, ResumedFrom start, CancellationToken aborted)
    {
        await using var leaving = aborted.UnsafeRegister(static stream => ((EventStream)stream!).OnAborted(), this);
        await TrySubscribeAsync(feed, start);
        await _ended.Task;
        await DisposeAsync();
        if (!await _outbound.CompleteAsync(_closeTimeout, _time))
        {
            _abort();
            await _outbound.CompleteAsync(AbortTimeout, _time);
        }
    }

    public void Send(byte[] frame)
    {
        if (!_outbound.TryEnqueue(frame))
        {
            Close(CloseReason.TooSlow);
        }
    }

    public void Close(CloseReason reason)
    {
        if (Interlocked.Exchange(ref _isClosing, 1) != 0)
        {
            return;
        }

        ClosingAt = _time.GetTimestamp();
        var end = ServerSentEvents.End(reason.Code.Code, $"{reason.Code.Words}: {reason.Message}");
        _outbound.Close([end], reason.DiscardQueue);
        _ended.TrySetResult();
        ConnectionMetrics.CountClosed(reason.Status, isSlow: reason.DiscardQueue);
        LogClosing(_address, reason.Status, reason.Message);
    }

    public void Abort() => _abort();

    public void Ping()
    {
        LastPingAt = _time.GetTimestamp();
        _outbound.TryEnqueue(ServerSentEvents.Heartbeat);
    }

    /// <summary>
    /// The client cannot renew its token on this stream. It opens another one with a new token, after its last event.
    /// </summary>
    public void CheckToken() => _expiry.Check(_time.GetUtcNow(), Identity.Grant, isConfirmed: true);

    /// <summary>Ends the subscription. A second call does nothing.</summary>
    public ValueTask DisposeAsync() =>
        Interlocked.Exchange(ref _isDisposed, 1) == 0 ? _subscriptions.DisposeAsync() : ValueTask.CompletedTask;

    private async Task TrySubscribeAsync(FeedKey feed, ResumedFrom start)
    {
        try
        {
            var confirmation = ServerSentEvents.Subscription(feed.OrderId, start, RetryDelay.Next());
            var mayAwait = AccessRules.MayAwait(Identity, feed.OrderId);
            if (!await _subscriptions.AddAsync(feed, start.Position, confirmation, start.Bounds, mayAwait))
            {
                // It existed a moment ago. The client comes back and gets the answer.
                Close(CloseReason.HistoryRewritten);
            }
        }
        catch (Exception e) when (Transient.Is(e))
        {
            Close(CloseReason.SubscribeUndecided);
        }
        catch (Exception e)
        {
            LogFault(e, Identity.OrganizationId, _address);
            Close(CloseReason.ServerFault);
        }
    }

    private void OnAborted()
    {
        Interlocked.Exchange(ref _isClosing, 1);
        _ended.TrySetResult();
    }

    private void OnBroken(Exception e)
    {
        LogTransportEnded(e, _address);
        _abort();
    }

    [LoggerMessage(1450, LogLevel.Debug, "The transport of an event stream from {RemoteAddress} ended")]
    private partial void LogTransportEnded(Exception exception, IPAddress? remoteAddress);

    [LoggerMessage(1451, LogLevel.Error,
        "An event stream of {OrganizationId} from {RemoteAddress} failed and is ended; its client resumes")]
    private partial void LogFault(Exception exception, string organizationId, IPAddress? remoteAddress);

    [LoggerMessage(1452, LogLevel.Debug, "Ending an event stream from {RemoteAddress}, as with {Status}: {Reason}")]
    private partial void LogClosing(IPAddress? remoteAddress, int status, string reason);
}
