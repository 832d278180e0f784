using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using OrdersActors.FrontEnd;
using OrdersActors.FrontEnd.Connections;
using OrdersActors.FrontEnd.Protocol;
using OrdersActors.FrontEnd.Subscriptions;

namespace OrdersActors.Tests.Support;

/// <summary>
/// A real front end with one connection. Only the socket is replaced, by a list that records the sent frames.
/// </summary>
internal sealed class InProcessClient : IAsyncDisposable
{
    private readonly ReceivedFrames _socket = new();
    private readonly ConnectionSubscriptions _subscriptions;
    private readonly FeedReader _reader;
    private readonly OutboundQueue _outbound;
    private int _replies;

    public InProcessClient(OrderCluster cluster, FrameDelivery? deliver = null, int maxQueuedBytes = 64 * 1024 * 1024,
        IGrainFactory? grains = null)
    {
        grains ??= cluster.Grains;
        _reader = new FeedReader(grains, Options.Create(new FrontEndOptions()));
        Hub = new FeedHub(
            grains, _reader, deliver ?? ((subscription, frame) => subscription.OnEvent(frame)), TimeProvider.System,
            NullLogger<Feed>.Instance);
        Hub.HistoryRewritten = () => Closed ??= CloseReason.HistoryRewritten;
        _outbound = new OutboundQueue(_socket, maxQueuedBytes, e => throw e);
        _subscriptions = new ConnectionSubscriptions(
            Hub, _reader, new FrontEndTurns(TimeProvider.System), _outbound, reason => Closed ??= reason,
            TimeProvider.System, NullLogger.Instance);
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
    public bool IsFull => !_outbound.HasSpace;

    /// <summary>The reason to close the connection; null if it stays open.</summary>
    public CloseReason? Closed { get; private set; }

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
    public Task RenewAsync() => Task.WhenAll(Hub.Feeds.Select(feed => feed.Registration.RenewAsync()));

    public async ValueTask DisposeAsync()
    {
        await _subscriptions.DisposeAsync();
        foreach (var feed in Hub.Feeds)
        {
            await feed.RetireAsync();
        }

        _reader.Dispose();
    }
}
