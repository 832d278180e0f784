using OrdersActors.Client.Protocol;

namespace OrdersActors.Client.Feeds;

/// <summary>The requests that one connection must still send. Guarded by the lock of <see cref="FeedTable"/>.</summary>
/// <remarks>
/// The server sends an event at most once on a connection. So a connection cannot deliver the past of an order if the
/// organization or an earlier subscription has delivered it there. Then <see cref="MustRenew"/> asks for a new
/// connection, on which all feeds continue after their positions: first the organization, then the orders.
/// </remarks>
internal sealed class RequestPlan
{
    // The server accepts 16 KiB. The rest is for the envelope.
    private const int MostBytes = 16_000;

    private readonly HashSet<Feed> _due = [];
    private readonly Queue<string?> _unsubscribes = [];
    private readonly HashSet<string> _usedOrders = [];
    private bool _isConnected;

    /// <summary>Whether a watch needs events that this connection cannot deliver.</summary>
    public bool MustRenew { get; set; }

    /// <summary>Whether the connection has subscribed to the organization.</summary>
    public bool IsOrganizationUsed { get; private set; }

    /// <summary>Begins a connection, or the time without one.</summary>
    public void Begin(bool isConnected)
    {
        _isConnected = isConnected;
        IsOrganizationUsed = MustRenew = false;
        _usedOrders.Clear();
        _unsubscribes.Clear();
        _due.Clear();
    }

    /// <summary>Requests what the feed needs.</summary>
    public void Add(Feed feed)
    {
        if (feed.Status == FeedStatus.Idle && feed.IsWanted)
        {
            _due.Add(feed);
        }

        MustRenew |= feed.MustRewind;
    }

    /// <summary>The feed is no longer wanted.</summary>
    public void Remove(Feed feed)
    {
        _due.Remove(feed);
        if (_isConnected && feed.Status is FeedStatus.Requested or FeedStatus.Live)
        {
            _unsubscribes.Enqueue(feed.OrderId);
        }
    }

    /// <summary>The server has refused the feed, so it has delivered nothing.</summary>
    public void OnRefused(Feed feed)
    {
        feed.Status = FeedStatus.Idle;
        if (feed.OrderId is null)
        {
            IsOrganizationUsed = false;
        }
        else
        {
            _usedOrders.Remove(feed.OrderId);
        }
    }

    /// <summary>Returns the next message and its feeds, or null if nothing is left to request.</summary>
    public (ClientMessage Message, List<Feed> Feeds)? Next()
    {
        if (MustRenew || !_isConnected)
        {
            return null;
        }

        if (_unsubscribes.TryDequeue(out var ended))
        {
            return (new ClientMessage("unsubscribe", new RequestData { OrderId = ended }), []);
        }

        MustRenew = _due.Any(feed => !CanRequest(feed));
        if (MustRenew || _due.Count == 0)
        {
            return null;
        }

        if (_due.FirstOrDefault(feed => feed.OrderId is null) is not { } organization)
        {
            return NextOrders();
        }

        _due.Remove(organization);
        IsOrganizationUsed = true;
        organization.Status = FeedStatus.Requested;
        return (new ClientMessage("subscribe", organization.NextRequest()), [organization]);
    }

    // The organization comes first on its connection, so that all its events have a sequence.
    private bool CanRequest(Feed feed) => feed.OrderId is { } orderId
        ? !feed.WantsPast || !(feed.IsAfterOrganization || _usedOrders.Contains(orderId))
        : _usedOrders.Count == 0 && !(IsOrganizationUsed && feed.WantsPast);

    private (ClientMessage Message, List<Feed> Feeds) NextOrders()
    {
        var feeds = new List<Feed>();
        var entries = new List<RequestData>();
        var bytes = 0;
        foreach (var feed in _due)
        {
            var entry = feed.NextRequest();
            bytes += ClientJson.Measure(entry) + 1;
            if (bytes > MostBytes && feeds.Count > 0)
            {
                break;
            }

            feeds.Add(feed);
            entries.Add(entry);
        }

        foreach (var feed in feeds)
        {
            _due.Remove(feed);
            _usedOrders.Add(feed.OrderId!);
            feed.Status = FeedStatus.Requested;
        }

        var data = entries.Count == 1 ? entries[0] : new RequestData { Orders = entries };
        return (new ClientMessage("subscribe", data), feeds);
    }
}
