namespace OrdersActors.FrontEnd.Feeds;

/// <summary>Up to <see cref="MaxListeners"/> listeners of one feed. They get each event one after the other.</summary>
/// <remarks>
/// <para>A feed with more listeners has several groups, which run on several threads. Each group delivers in order, and
/// <see cref="Last"/> is the number up to which this group has delivered. Events that arrive while a group is
/// delivering wait and are delivered together, so a busy group makes fewer and larger writes.</para>
/// <para>The waiting events are bounded in bytes (<see cref="MaxWaitingBytes"/>). At the bound, the thread that brings
/// more events delivers them itself. So the feed's grain gets its answer later, and keeps further events in its own
/// bounded queue.</para>
/// <para><b>Locks.</b> The group's lock is held while listeners are called and guards the listeners and
/// <see cref="Last"/>. The lock of the waiting events is a leaf.</para>
/// </remarks>
internal sealed class ListenerGroup : IThreadPoolWorkItem
{
    /// <summary>
    /// Most listeners. With 4 µs for each, an event takes a group a millisecond at most.
    /// </summary>
    public const int MaxListeners = 256;

    /// <summary>Most bytes of frames that wait for the group, plus those of one call.</summary>
    public const long MaxWaitingBytes = 256 * 1024;

    private readonly Lock _lock = new();
    // Most groups have one member.
    private readonly List<Member> _members = new(1);
    private volatile Waiting? _waiting;
    private long _last;
    private bool _hasEnded;

    public ListenerGroup(long last) => _last = last;

    /// <summary>The number of the last event that was delivered to all listeners of the group.</summary>
    public long Last => Volatile.Read(ref _last);

    /// <summary>The number of listeners. Changes only under the feed's lock.</summary>
    public int Count => _members.Count;

    /// <summary>Adds a listener, which gets every event after <see cref="Last"/>.</summary>
    public void Add(FeedFanOut feed, IFeedListener listener)
    {
        lock (_lock)
        {
            var member = new Member(feed, this, listener) { Slot = _members.Count };
            listener.OnJoined(member, _last);
            _members.Add(member);
        }
    }

    /// <summary>Delivers events on this thread, after those that wait.</summary>
    public void Deliver(FrameBatch batch)
    {
        lock (_lock)
        {
            DeliverWaiting();
            DeliverUnderLock(batch);
        }
    }

    /// <summary>
    /// Adds events that the group delivers on another thread. If too many wait, delivers all of them on this thread.
    /// Called under the feed's lock.
    /// </summary>
    public void Post(FrameBatch batch)
    {
        // Called only under the feed's lock, so only one thread creates it.
        var waiting = _waiting ??= new Waiting();
        if (!waiting.Add(batch, out var mustSchedule))
        {
            Execute();
        }
        else if (mustSchedule)
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    /// <summary>Notifies the listeners of the feed's last number, after the events that wait.</summary>
    public void NotifyLast(long last)
    {
        lock (_lock)
        {
            DeliverWaiting();
            Volatile.Write(ref _last, Math.Max(_last, last));
            foreach (var member in _members)
            {
                member.Listener.OnLast(_last);
            }
        }
    }

    /// <summary>Notifies the listeners that access is denied, and delivers nothing any more.</summary>
    public void Deny()
    {
        lock (_lock)
        {
            _hasEnded = true;
            foreach (var member in _members)
            {
                member.Listener.OnDenied();
            }
        }
    }

    /// <summary>Delivers nothing any more. No delivery is in progress when this call returns.</summary>
    public void End()
    {
        lock (_lock)
        {
            _hasEnded = true;
        }
    }

    /// <summary>Delivers the waiting events.</summary>
    public void Execute()
    {
        lock (_lock)
        {
            DeliverWaiting();
        }
    }

    // Under the lock.
    private void DeliverWaiting()
    {
        while (_waiting?.TakeAll() is { } batch)
        {
            DeliverUnderLock(batch);
        }
    }

    // Under the lock.
    private void DeliverUnderLock(FrameBatch batch)
    {
        if (_hasEnded)
        {
            return;
        }

        Volatile.Write(ref _last, batch.Last);
        foreach (var member in _members)
        {
            member.Listener.OnEvents(batch);
        }

        if (_members.Count > 0)
        {
            batch.Times.RecordSent(_members.Count);
        }
    }

    /// <summary>Removes a listener. Returns whether it was there. Under the feed's lock.</summary>
    private bool Remove(Member leaving)
    {
        lock (_lock)
        {
            if (leaving.Slot < 0)
            {
                return false;
            }

            // The last one takes the slot.
            var last = _members[^1];
            _members[leaving.Slot] = last;
            last.Slot = leaving.Slot;
            // Set after the swap, because the leaving one may be the last one itself.
            leaving.Slot = -1;
            _members.RemoveAt(_members.Count - 1);
            return true;
        }
    }

    /// <summary>A listener's place.</summary>
    internal sealed class Member(FeedFanOut feed, ListenerGroup group, IFeedListener listener) : IFeedMembership
    {
        public IFeedListener Listener => listener;

        /// <summary>The index in the group's list; -1 after the listener has left. Under the group's lock.</summary>
        public int Slot { get; set; }

        public FeedHistory History => feed.History;

        public long Last => group.Last;

        public Lock.Scope Hold(out long last)
        {
            var scope = group._lock.EnterScope();
            last = group._last;
            return scope;
        }

        public void Leave() => feed.Leave(this);

        /// <summary>Leaves the group. Returns false if it had left before. Under the feed's lock.</summary>
        public bool LeaveGroup() => group.Remove(this);
    }

    /// <summary>The events that wait for the group. Thread-safe.</summary>
    private sealed class Waiting
    {
        private readonly Lock _lock = new();
        private readonly List<EventFrame> _frames = [];
        private FrameTimes _times;
        private long _bytes;

        // Whether a thread has been scheduled that has not taken the events yet.
        private bool _isScheduled;

        /// <summary>Adds events. Returns false if the bound is reached.</summary>
        public bool Add(FrameBatch batch, out bool mustSchedule)
        {
            lock (_lock)
            {
                _times = _frames.Count == 0 ? batch.Times : _times.With(batch.Times);
                foreach (var frame in batch.Frames)
                {
                    _frames.Add(frame);
                    _bytes += frame.Bytes.Length;
                }

                mustSchedule = !_isScheduled && _bytes < MaxWaitingBytes;
                _isScheduled |= mustSchedule;
                return _bytes < MaxWaitingBytes;
            }
        }

        /// <summary>Takes all events; null if there are none.</summary>
        public FrameBatch? TakeAll()
        {
            lock (_lock)
            {
                _isScheduled = false;
                if (_frames.Count == 0)
                {
                    return null;
                }

                var batch = new FrameBatch([.. _frames], _times);
                _frames.Clear();
                _bytes = 0;
                return batch;
            }
        }
    }
}
