using OrdersActors.Client.Protocol;

namespace OrdersActors.Client.Feeds;

/// <summary>
/// One order or the organization: one subscription at the server, shared by all watches of it. Guarded by the lock of
/// <see cref="FeedTable"/>.
/// </summary>
/// <remarks>
/// <para><b>Once, in order.</b> <see cref="Position"/> is the number of the last event received. Each reconnect
/// requests the events after it, an event that is not newer is dropped, and a later one than the next shows that events
/// are missing. Each watch has a position of its own, so a watch that wants the past does not repeat events to
/// others.</para>
/// <b>An order and the organization.</b> The organization's subscription may deliver an order's events before the order
/// is confirmed. They are held until the order's own subscription has delivered the ones before.
/// </remarks>
internal sealed class Feed(string? orderId)
{
    private const int MostHeldBytes = 1024 * 1024;

    private readonly SortedDictionary<long, (OrderUpdate Update, int Size)> _held = [];
    private readonly List<Watch> _watches = [];
    private RequestData? _request;
    private long _heldBytes;
    private bool _needsAnswer;
    private (OrderUpdate Update, int Size)? _newest;

    // The newest number at the last confirmation. While the position is lower, its event is still to come.
    private long _head;

    public string? OrderId => orderId;

    public FeedStatus Status { get; set; }

    /// <summary>Whether the feed came after the connection had subscribed to the organization.</summary>
    public bool IsAfterOrganization { get; set; }

    public long Position { get; private set; }

    public string? Epoch { get; private set; }

    public IReadOnlyList<Watch> Watches => _watches;

    /// <summary>Whether a reader can take events.</summary>
    public bool IsWanted => _watches.Any(watch => !watch.IsDetached);

    /// <summary>Whether a reader wants events from before <see cref="Position"/>.</summary>
    public bool MustRewind => Status == FeedStatus.Live
        && (_needsAnswer || _watches.Any(watch => !watch.IsDetached && watch.Seen < Position));

    /// <summary>Whether the next request is for events that may have been sent on the connection before.</summary>
    public bool WantsPast =>
        _watches.Any(watch => !watch.IsDetached && (watch.Seen is not null || watch.Start.Newest > 0));

    public void Add(Watch watch)
    {
        _watches.Add(watch);
        if (Status == FeedStatus.Live)
        {
            Join(watch);
        }
    }

    public void Remove(Watch watch) => _watches.Remove(watch);

    /// <summary>A new connection: nothing is subscribed.</summary>
    public void Reset()
    {
        Status = FeedStatus.Idle;
        IsAfterOrganization = _needsAnswer = false;
        DropHeld();
    }

    /// <summary>
    /// The start of the next subscribe. It is enough for all watches; each drops what it does not want.
    /// </summary>
    public RequestData NextRequest()
    {
        var wanted = _watches.Where(watch => !watch.IsDetached).ToArray();
        var known = wanted.Where(watch => watch.Seen is not null).ToArray();
        var isOneHistory = known.Select(watch => watch.Epoch).Distinct().Count() <= 1;
        return _request = new RequestData
        {
            OrderId = orderId,
            // With several histories, each watch compares its own with the confirmation.
            After = known.Length == 0 ? null : isOneHistory ? known.Min(watch => watch.Seen) : 0,
            Epoch = known.Length > 0 && isOneHistory ? known[0].Epoch : null,
            Last = known.Length == 0 ? wanted.Max(watch => watch.Start.Newest) : null,
        };
    }

    /// <summary>The server has confirmed the request.</summary>
    public void Confirm(Confirmation confirmation)
    {
        var first = !confirmation.IsResumed ? confirmation.Earliest - 1
            : _request?.After ?? Math.Max(0, confirmation.Newest - (_request?.Last ?? 0));
        foreach (var watch in _watches.Where(watch => !watch.IsDetached))
        {
            watch.Begin(confirmation, first);
        }

        Status = FeedStatus.Live;
        _newest = (Position, Epoch) == (first, confirmation.Epoch) ? _newest : null;
        (Position, Epoch, _head) = (first, confirmation.Epoch, confirmation.Newest);
    }

    /// <summary>Offers an event that has come.</summary>
    /// <param name="update">The event.</param>
    /// <param name="size">The bytes of its message.</param>
    /// <param name="mayDetach">Whether watches without room are detached; else the event is not taken.</param>
    /// <param name="stalled">A watch without room.</param>
    public FeedOffer Offer(OrderUpdate update, int size, bool mayDetach, out Watch? stalled)
    {
        stalled = null;
        var number = orderId is null ? update.Sequence!.Value : update.Version;
        if (Status != FeedStatus.Live)
        {
            return Hold(update, number, size);
        }

        if (number <= Position)
        {
            return FeedOffer.Done;
        }

        if (number > Position + 1)
        {
            return FeedOffer.Missing;
        }

        var due = _watches.Where(watch => !watch.IsDetached && watch.Seen == number - 1).ToArray();
        stalled = Array.Find(due, watch => !watch.Buffer.HasRoom(size));
        if (stalled is not null && !mayDetach)
        {
            return FeedOffer.Stalled;
        }

        var own = update with
        {
            Sequence = orderId is null ? update.Sequence : null,
            Position = new EventPosition(number, Epoch),
        };
        foreach (var watch in due)
        {
            watch.IsDetached = !watch.Buffer.HasRoom(size);
            if (!watch.IsDetached)
            {
                watch.Deliver(own, number, size);
            }
        }

        Position = number;
        _newest = (own, size);
        return FeedOffer.Done;
    }

    /// <summary>Takes the held event that is next. Returns null if no held event is next.</summary>
    public (OrderUpdate Update, int Size)? TakeHeld()
    {
        while (Status == FeedStatus.Live && _held.Count > 0)
        {
            var (number, held) = _held.First();
            if (number > Position + 1)
            {
                return null;
            }

            _held.Remove(number);
            _heldBytes -= held.Size;
            if (number == Position + 1)
            {
                return held;
            }
        }

        return null;
    }

    /// <summary>Ends all watches.</summary>
    public void Fail(Func<Exception?> failure)
    {
        foreach (var watch in _watches)
        {
            watch.Buffer.Complete(failure());
        }

        _watches.Clear();
        DropHeld();
    }

    private void Join(Watch watch)
    {
        if (watch.Seen is null)
        {
            // The newest event is at hand in most cases.
            watch.Seen = Math.Max(0, Math.Max(Position, _head) - watch.Start.Newest);
            watch.Epoch = Epoch;
            if (watch.Start.Newest == 1 && watch.Seen < Position && _newest is var (update, size))
            {
                watch.Deliver(update, Position, size);
            }
        }
        else if (watch.Seen > Position || (watch.Epoch is not null && watch.Epoch != Epoch))
        {
            // Only the server knows whether that exists.
            _needsAnswer = true;
        }
        else
        {
            watch.Epoch = Epoch;
        }
    }

    // An event without a sequence belongs to a subscription of this order that has ended.
    private FeedOffer Hold(OrderUpdate update, long number, int size)
    {
        if (orderId is null || update.Sequence is null || !IsWanted)
        {
            return FeedOffer.Done;
        }

        if (_held.TryAdd(number, (update, size)))
        {
            _heldBytes += size;
        }

        return _heldBytes <= MostHeldBytes ? FeedOffer.Done : FeedOffer.Missing;
    }

    private void DropHeld()
    {
        _held.Clear();
        _heldBytes = 0;
    }
}

/// <summary>A feed's subscription on the current connection.</summary>
internal enum FeedStatus
{
    /// <summary>Not requested.</summary>
    Idle,

    /// <summary>Requested and not answered.</summary>
    Requested,

    /// <summary>Confirmed.</summary>
    Live,

    /// <summary>Unsubscribed, because no reader can take events.</summary>
    Parked,
}

/// <summary>The result of offering an event.</summary>
internal enum FeedOffer
{
    /// <summary>Delivered, held, or not due.</summary>
    Done,

    /// <summary>A watch has no room. Nothing has changed.</summary>
    Stalled,

    /// <summary>Events before it are missing. They come again if the client resumes.</summary>
    Missing,
}
