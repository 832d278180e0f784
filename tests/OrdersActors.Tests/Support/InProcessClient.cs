using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using OrdersActors.FrontEnd;
using OrdersActors.FrontEnd.Feeds;
using OrdersActors.FrontEnd.Limits;
using OrdersActors.FrontEnd.Protocol;
using OrdersActors.FrontEnd.Subscriptions;
using OrdersActors.FrontEnd.Transport;

namespace OrdersActors.Tests.Support;

/// <summary>
/// A real front end with one connection. Only the socket is replaced, by a list that records the sent frames.
/// </summary>
internal sealed class InProcessClient : IClientChannel, IHistoryListener, IAsyncDisposable
{
    private readonly ReceivedFrames _socket = new();
    private readonly ConnectionSubscriptions _subscriptions;
    private readonly FeedReader _reader;
    private readonly OutboundQueue _outbound;
    private int _replies;

    public InProcessClient(
        OrderCluster cluster, IFeedListenerDecorator? decorator = null, int maxQueuedBytes = 64 * 1024 * 1024,
        IGrainFactory? grains = null)
    {
        grains ??= cluster.Grains;
        _reader = new FeedReader(grains, Options.Create(new FrontEndOptions()));
        Hub = new FeedHub(
            grains, new LocalObservers([]), _reader, decorator is null ? [] : [decorator], [this], TimeProvider.System,
            NullLogger<Feed>.Instance);
        _outbound = new OutboundQueue(new StreamOutput(_socket), maxQueuedBytes, e => throw e);
        _subscriptions = new ConnectionSubscriptions(
            Hub, _reader, new FrontEndLimiters(TimeProvider.System), _outbound, this, TimeProvider.System,
            NullLogger.Instance);
    }

    public FeedHub Hub { get; }

    public FeedReader Reader => _reader;

    public ConnectionSubscriptions Subscriptions => _subscriptions;

    public List<ReceivedEvent> Events => _socket.Events;

    /// <summary>The client reads nothing until this task is completed.</summary>
    public Task Reading
    {
        set => _socket.Reading = value;
    }

    /// <summary>Whether the client's queue is so full that a replay pauses.</summary>
    public bool IsFull => !_outbound.IsBelowWatermark;

    /// <summary>The reason to close the connection; null if it stays open.</summary>
    public CloseReason? Closed { get; private set; }

    public bool IsClosing => Closed is not null;

    /// <summary>Whether the connection is closed when the log's history is rewritten.</summary>
    public bool IsRegistered { get; set; } = true;

    public void Send(byte[] frame)
    {
        if (!_outbound.TryEnqueue(frame))
        {
            Close(CloseReason.TooSlow);
        }
    }

    public void Close(CloseReason reason) => Closed ??= reason;

    void IHistoryListener.OnHistoryRewritten()
    {
        if (IsRegistered)
        {
            Close(CloseReason.HistoryRewritten);
        }
    }

    /// <summary>Subscribes, from now on or after a number, unless the feed is already subscribed.</summary>
    public async Task SubscribeAsync(FeedKey feed, long? after = null)
    {
        if (!_subscriptions.Contains(feed))
        {
            _replies++;
            Assert.True(await _subscriptions.AddAsync(feed, after, ServerFrames.Pong(null)));
        }
    }

    /// <summary>Tries to subscribe to a feed that is not subscribed yet. Returns false if it is denied.</summary>
    public async Task<bool> TrySubscribeAsync(FeedKey feed, long? after = null, FeedBounds? bounds = null)
    {
        var isAllowed = await _subscriptions.AddAsync(feed, after, ServerFrames.Pong(null), bounds);
        _replies += isAllowed ? 1 : 0;
        return isAllowed;
    }

    /// <summary>Reads the bounds of a feed, which is the first step of a resuming request.</summary>
    public Task<FeedBounds?> GetBoundsAsync(FeedKey feed) => _subscriptions.GetBoundsAsync(feed);

    public void Unsubscribe(FeedKey feed) => _subscriptions.Remove(feed);

    /// <summary>Unsubscribes and waits, like a client for its confirmation, until no frame is pending.</summary>
    public async Task UnsubscribeAsync(FeedKey feed)
    {
        Unsubscribe(feed);
        _replies++;
        Assert.True(_outbound.TryEnqueue(ServerFrames.Pong(null)));
        await Eventually.Holds(
            () => _socket.Replies == _replies,
            () => $"{_replies} replies were expected, {_socket.Replies} were received");
    }

    /// <summary>Renews all leases, as the maintenance does when they are due.</summary>
    public Task RenewAsync() => Task.WhenAll(Hub.Current.Feeds.Select(Hub.Current.RenewAsync));

    public async ValueTask DisposeAsync()
    {
        await _subscriptions.DisposeAsync();
        foreach (var feed in Hub.Current.Feeds)
        {
            await Hub.Current.RetireAsync(feed);
        }

        _reader.Dispose();
    }
}
