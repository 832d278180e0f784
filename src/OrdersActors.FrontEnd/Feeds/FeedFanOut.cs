namespace OrdersActors.FrontEnd.Feeds;

/// <summary>
/// Passes the events of one feed on to its listeners: each event once, in the order of the numbers, and encoded once.
/// </summary>
/// <remarks>
/// <para><see cref="Last"/> is the number of the last event that was passed on. An event up to this number is dropped
/// as a duplicate. An event that is not the next one leaves a gap: it is dropped, and every event from the gap on must
/// be read from the log (<see cref="GapReader"/>).</para>
/// <para>The listeners are in groups (<see cref="ListenerGroup"/>). The first group delivers on the thread that brings
/// the events, and the other groups deliver on other threads. So a large fan-out uses all processors. Listeners are
/// called under the lock of their group. So a new one knows exactly with which number it begins.</para>
/// <para>Thread-safe. The feed's lock is this class's lock. It guards every field, and only this class writes them.
/// <see cref="Last"/>, <see cref="IdleSince"/>, <see cref="HasBegun"/> and <see cref="IsRetired"/> may be read without
/// it. Each of them is written at once, so a reader sees an old value at worst, and every decision that must not be
/// wrong is taken under the lock.</para>
/// </remarks>
internal sealed class FeedFanOut
{
    private readonly FeedKey _key;
    private readonly TimeProvider _time;
    // Also the lock, because a lock of its own would be an object more for each feed.
    private readonly List<ListenerGroup> _groups = new(1);
    private int _listeners;
    private long _last;
    private long _seen;
    private long _idleSince;
    private volatile bool _hasBegun;
    private volatile bool _isRetired;

    public FeedFanOut(FeedKey key, FeedHistory history, TimeProvider time)
    {
        _key = key;
        History = history;
        _time = time;
        _idleSince = time.GetTimestamp();
    }

    /// <summary>The history to which the numbers belong.</summary>
    public FeedHistory History { get; }

    /// <summary>The number of the last event that was passed on.</summary>
    public long Last => Volatile.Read(ref _last);

    /// <summary>
    /// When the last listener left, as a timestamp of the time provider; 0 while the feed has listeners.
    /// </summary>
    public long IdleSince => Volatile.Read(ref _idleSince);

    /// <summary>Whether the grain has confirmed the registration, so that listeners may join.</summary>
    public bool HasBegun => _hasBegun;

    /// <summary>Whether the feed has ended. Then no event is passed on and no listener can join.</summary>
    public bool IsRetired => _isRetired;

    /// <summary>
    /// Adds a listener. Live events reach it from the next one on. Returns false if the feed or its history has ended.
    /// </summary>
    public bool TryJoin(IFeedListener listener)
    {
        lock (_groups)
        {
            if (_isRetired || History.HasEnded)
            {
                return false;
            }

            GroupWithRoom().Add(this, listener);
            _listeners++;
            Volatile.Write(ref _idleSince, 0);
            return true;
        }
    }

    /// <summary>
    /// Handles events from the grain. They are in order, but may be duplicates or follow a gap. Returns whether events
    /// are missing.
    /// </summary>
    public bool OnEvents(EncodedOrderEvent[] events)
    {
        lock (_groups)
        {
            // All events of a call have the same epoch, because a grain closes its observers when the epoch changes.
            if (_isRetired || !History.Accepts(events[0].Epoch))
            {
                return false;
            }

            _seen = Math.Max(_seen, _key.NumberOf(events[^1]));
            // Before the registration is answered, only the newest number is kept. It shows which events came before
            // the answer.
            return _hasBegun && !TryPassOn(events);
        }
    }

    /// <summary>
    /// Handles the grain's confirmation of the registration, which contains the head of the feed. Returns whether
    /// events are missing.
    /// </summary>
    public bool OnRegistered(long head)
    {
        lock (_groups)
        {
            if (_isRetired)
            {
                return false;
            }

            if (!_hasBegun)
            {
                Volatile.Write(ref _last, head);
                _hasBegun = true;
            }

            _seen = Math.Max(_seen, head);
            NotifyLast();
            return _seen > _last;
        }
    }

    /// <summary>
    /// Returns the number after which events are missing, and the newest number that was seen. Returns null if no event
    /// is missing, or if the feed has not begun or has ended.
    /// </summary>
    public (long Last, long Seen)? FindGap()
    {
        lock (_groups)
        {
            return _hasBegun && _seen > _last && !_isRetired ? (_last, _seen) : null;
        }
    }

    /// <summary>
    /// Passes on events that were read from the log after a gap began. An empty page is the end of the log.
    /// </summary>
    public void FillGap(EventFrame[] page)
    {
        lock (_groups)
        {
            if (_isRetired)
            {
                return;
            }

            // A page has no gaps inside. It begins after a gap only if the log no longer keeps the events. Then each
            // subscription finds out which events it can still get.
            PassOn(Array.FindAll(page, frame => frame.Number > _last));

            if (page.Length == 0)
            {
                // The log no longer keeps the events that were seen, so the feed does not wait for them.
                Volatile.Write(ref _last, _seen);
                NotifyLast();
            }
        }
    }

    /// <summary>Ends the feed if it has no listeners. Returns whether it has ended, now or earlier.</summary>
    public bool TryRetire()
    {
        lock (_groups)
        {
            _isRetired |= _listeners == 0;
            return _isRetired;
        }
    }

    /// <summary>Ends the feed because its history or the front end ends.</summary>
    public void Retire()
    {
        lock (_groups)
        {
            _isRetired = true;
            foreach (var group in _groups)
            {
                group.End();
            }
        }
    }

    /// <summary>Ends the feed because the grain denies it, and notifies all listeners.</summary>
    public void Deny()
    {
        lock (_groups)
        {
            if (_isRetired)
            {
                return;
            }

            _isRetired = true;
            foreach (var group in _groups)
            {
                group.Deny();
            }
        }
    }

    /// <summary>Removes a listener.</summary>
    public void Leave(ListenerGroup.Member leaving)
    {
        lock (_groups)
        {
            if (leaving.LeaveGroup() && --_listeners == 0)
            {
                Volatile.Write(ref _idleSince, _time.GetTimestamp());
            }
        }
    }

    // Under the lock. Returns false at a gap.
    private bool TryPassOn(EncodedOrderEvent[] events)
    {
        var frames = new EventFrame[events.Length];
        var (count, isComplete, times) = (0, true, default(EventTimes));
        var position = new FeedPosition(_last);
        foreach (var e in events)
        {
            var number = _key.NumberOf(e);
            var check = position.Check(number);
            if (check == NumberCheck.Gap)
            {
                OrderMetrics.CountHole("feed");
                isComplete = false;
                break;
            }

            if (check == NumberCheck.Duplicate)
            {
                OrderMetrics.CountDuplicate("feed");
                continue;
            }

            times = count == 0 ? e.Times : times.With(e.Times);
            frames[count++] = new EventFrame(_key, e);
            position = position.Advance(number);
        }

        PassOn(count == frames.Length ? frames : frames[..count], times);
        return isComplete;
    }

    // Under the lock.
    private void PassOn(EventFrame[] frames, EventTimes times = default)
    {
        if (frames.Length == 0)
        {
            return;
        }

        Volatile.Write(ref _last, frames[^1].Number);
        EventCounts.CountDelivered(EventHop.Feed, frames.Length);
        if (_groups.Count == 0)
        {
            return;
        }

        var batch = new FrameBatch(frames, FrameTimes.PassedOn(times));
        for (var i = 1; i < _groups.Count; i++)
        {
            if (_groups[i].Count > 0)
            {
                _groups[i].Post(batch);
            }
            else
            {
                _groups[i].Deliver(batch);
            }
        }

        _groups[0].Deliver(batch);
    }

    // Under the lock.
    private void NotifyLast()
    {
        foreach (var group in _groups)
        {
            group.NotifyLast(_last);
        }
    }

    // Under the lock.
    private ListenerGroup GroupWithRoom()
    {
        foreach (var group in _groups)
        {
            if (group.Count < ListenerGroup.MaxListeners)
            {
                return group;
            }
        }

        var added = new ListenerGroup(_last);
        _groups.Add(added);
        return added;
    }
}
