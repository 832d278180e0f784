namespace OrdersActors.Publishing;

/// <summary>
/// Decides when the events that wait for a call of one organization get it (<see cref="CombinedCalls"/>).
/// </summary>
/// <remarks>
/// <para>A call is due if fewer than <see cref="MaxCalls"/> calls are unanswered, and <see cref="GroupPace"/> does not
/// expect more callers. So an event of a caller that awaits each answer never waits. Events of independent callers wait
/// for each other, until the interval since the latest call has passed.</para>
/// <para>During an outage, an event waits no longer than <see cref="MaxWait"/> after that. Then its call begins,
/// whatever number of calls is unanswered, so that its own attempts and their timeout begin.</para>
/// Used under the lock of its owner.
/// </remarks>
/// <param name="organizationId">The organization.</param>
/// <param name="interval">How long an event may wait for others, counted from the latest call.</param>
/// <param name="time">The clock.</param>
/// <param name="onTimer">Called by the timer, without the lock. It must take what is due.</param>
internal sealed class OrganizationCalls(
    string organizationId, TimeSpan interval, TimeProvider time, Action<OrganizationCalls> onTimer) : IDisposable
{
    /// <summary>Most unanswered calls before events wait for an answer.</summary>
    public const int MaxCalls = 16;

    /// <summary>Most events in a call.</summary>
    public const int MaxEvents = 256;

    /// <summary>
    /// Most characters of details in a call of several events: those of four events with the largest details.
    /// </summary>
    public const int MaxDetails = 256 * 1024;

    /// <summary>How long an event waits at most for an answer.</summary>
    public static readonly TimeSpan MaxWait = TimeSpan.FromMilliseconds(20);

    // A call costs the server about as much as this number of events.
    private const int FewEvents = 8;

    // Timers have this resolution. A shorter time would end too early.
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(1);

    private readonly Queue<WaitingEvent> _waiting = [];
    private readonly GroupPace _pace = new(interval, time, FewEvents);
    private ITimer? _timer;
    private TimerUse _timerUse;
    private int _unansweredCalls;
    private int _unansweredEvents;

    private enum TimerUse
    {
        None,

        // Until the interval since the latest call has passed.
        Interval,

        // Until the longest wait for an answer has passed.
        Answer,
    }

    /// <summary>The organization.</summary>
    public string OrganizationId { get; } = organizationId;

    /// <summary>Whether nothing waits and no call is unanswered.</summary>
    public bool IsIdle => _unansweredCalls == 0 && _waiting.Count == 0;

    /// <summary>Begins a call with a single event, if it is due and nothing waits. Otherwise the event waits.</summary>
    public bool TryBeginAlone()
    {
        if (_waiting.Count > 0 || !IsDue(1))
        {
            return false;
        }

        Begin(1);
        return true;
    }

    /// <summary>Lets an event wait. Returns the events of the call that has become due by it, or null.</summary>
    public List<WaitingEvent>? Add(WaitingEvent waiting)
    {
        _waiting.Enqueue(waiting);
        return TakeDue();
    }

    /// <summary>Ends a call. Returns the events of the call that has become due by it, or null.</summary>
    /// <param name="events">The number of its events.</param>
    public List<WaitingEvent>? End(int events)
    {
        _unansweredCalls--;
        _unansweredEvents -= events;
        return TakeDue();
    }

    /// <summary>
    /// Takes what is due when the timer has ended, a list for each call. If it was the longest wait for an answer,
    /// everything that waits is due.
    /// </summary>
    public List<List<WaitingEvent>> TakeTimed()
    {
        var hasWaited = _timerUse == TimerUse.Answer;
        _timerUse = TimerUse.None;
        return hasWaited ? TakeAll() : TakeDue() is { } events ? [events] : [];
    }

    /// <summary>Takes everything that waits, a list for each call.</summary>
    public List<List<WaitingEvent>> TakeAll()
    {
        var calls = new List<List<WaitingEvent>>();
        while (Take() is { } events)
        {
            calls.Add(events);
        }

        return calls;
    }

    /// <summary>Ends the timer.</summary>
    public void Dispose() => _timer?.Dispose();

    private bool IsDue(int waiting) => _unansweredCalls < MaxCalls && _pace.MayWait(waiting) == TimeSpan.Zero;

    private List<WaitingEvent>? TakeDue()
    {
        var events = IsDue(_waiting.Count) ? Take() : null;
        StartTimer();
        return events;
    }

    /// <summary>Takes the events of the next call, without those that their callers gave up.</summary>
    private List<WaitingEvent>? Take()
    {
        List<WaitingEvent>? taken = null;
        var details = 0;
        while (taken?.Count is not MaxEvents && _waiting.TryPeek(out var next))
        {
            details += next.Event.Details?.Length ?? 0;
            if (taken is not null && details > MaxDetails)
            {
                break;
            }

            _waiting.Dequeue();
            if (!next.Cancellation.IsCancellationRequested)
            {
                (taken ??= []).Add(next);
            }
        }

        if (taken is not null)
        {
            Begin(taken.Count);
        }

        return taken;
    }

    private void Begin(int events)
    {
        _unansweredCalls++;
        _unansweredEvents += events;
        // The callers of unanswered events are likely to publish again.
        _pace.Begin(_unansweredEvents);
    }

    /// <summary>Makes sure that something ends the wait of the events that are left.</summary>
    private void StartTimer()
    {
        var use = _unansweredCalls < MaxCalls ? TimerUse.Interval : TimerUse.Answer;
        if (_waiting.Count == 0 || _timerUse == TimerUse.Interval || _timerUse == use)
        {
            return;
        }

        _timer ??= time.CreateTimer(_ => onTimer(this), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _timerUse = use;
        _timer.Change(
            use == TimerUse.Answer ? MaxWait : _pace.MayWait(_waiting.Count) + Tick, Timeout.InfiniteTimeSpan);
    }
}
