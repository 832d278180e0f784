using System.Diagnostics;

namespace OrdersActors.Publishing;

/// <summary>
/// Stores events that are published one by one. If an application publishes many of an organization at the same time,
/// several events share a call, which costs both sides less.
/// </summary>
/// <remarks>
/// <code>
///   publish ──► fewer than MaxCalls unanswered? ── yes ──► a call of its own
///                                               └─ no ──► waits ── an answer, or MaxWait ──► a call for all that wait
/// </code>
/// <para><b>Waiting.</b> An event waits only while <see cref="MaxCalls"/> calls of its organization are unanswered, and
/// no longer than <see cref="MaxWait"/>. So an outage delays no event by more than that before its own attempts
/// begin.</para>
/// <para><b>Failures.</b> A shared call stores all events or none. If it is refused, for example because of one event,
/// each event gets a call of its own, so that each caller has its own answer. Callers that wait when a shared call has
/// failed for the whole retry time all get that failure.</para>
/// <para><b>Cancellation.</b> An event whose caller gives up while it waits is not sent.</para>
/// <para><b>Memory.</b> It holds only what its callers await. An organization without calls has no entry.
/// Thread-safe.</para>
/// </remarks>
internal sealed class CombinedCalls(StoreBatch store, TimeProvider time) : IDisposable
{
    /// <summary>Most unanswered calls of an organization before events wait.</summary>
    public const int MaxCalls = 16;

    /// <summary>Most events in a call.</summary>
    public const int MaxEvents = 256;

    /// <summary>
    /// Most characters of details in a call of several events: those of four events with the largest details.
    /// </summary>
    public const int MaxDetails = 256 * 1024;

    /// <summary>How long an event waits at most.</summary>
    public static readonly TimeSpan MaxWait = TimeSpan.FromMilliseconds(20);

    private readonly Lock _lock = new();

    // Used under the lock.
    private readonly Dictionary<string, Calls> _organizations = new(StringComparer.Ordinal);
    private ITimer? _timer;
    private bool _isTimed;

    /// <summary>Stores one valid event.</summary>
    public Task<PublishedEvent> StoreAsync(
        string organizationId, OrderStatusEvent normal, CancellationToken cancellationToken)
    {
        if (Enqueue(organizationId, normal, cancellationToken) is { } waiting)
        {
            return waiting.Stored.Task.WaitAsync(cancellationToken);
        }

        return StoreAloneAsync(organizationId, normal, cancellationToken);
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _timer?.Dispose();
        }
    }

    /// <summary>Lets an event wait. Returns null if it gets a call of its own now.</summary>
    private WaitingEvent? Enqueue(string organizationId, OrderStatusEvent normal, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (!_organizations.TryGetValue(organizationId, out var calls))
            {
                _organizations.Add(organizationId, calls = new Calls());
            }

            if (calls.Unanswered < MaxCalls)
            {
                calls.Unanswered++;
                return null;
            }

            var waiting = new WaitingEvent(normal, cancellationToken);
            calls.Waiting.Enqueue(waiting);
            StartTimer();
            return waiting;
        }
    }

    // Under the lock.
    private void StartTimer()
    {
        if (_isTimed)
        {
            return;
        }

        var never = Timeout.InfiniteTimeSpan;
        _timer ??= time.CreateTimer(static state => ((CombinedCalls)state!).SendAll(), this, never, never);
        _isTimed = _timer.Change(MaxWait, never);
    }

    private async Task<PublishedEvent> StoreAloneAsync(
        string organizationId, OrderStatusEvent normal, CancellationToken cancellationToken)
    {
        try
        {
            return (await store(organizationId, [normal], 0, cancellationToken))[0];
        }
        finally
        {
            EndCall(organizationId);
        }
    }

    /// <summary>Lets the waiting events follow an answered call.</summary>
    private void EndCall(string organizationId)
    {
        List<WaitingEvent>? next;
        lock (_lock)
        {
            var calls = _organizations[organizationId];
            next = calls.Unanswered <= MaxCalls ? calls.Take() : null;
            if (next is null && --calls.Unanswered == 0)
            {
                _organizations.Remove(organizationId);
            }
        }

        if (next is not null)
        {
            _ = StoreTogetherAsync(organizationId, next);
        }
    }

    /// <summary>Sends everything that waits. Called when the first event has waited for its time.</summary>
    private void SendAll()
    {
        var batches = new List<(string OrganizationId, List<WaitingEvent> Events)>();
        lock (_lock)
        {
            _isTimed = false;
            foreach (var (organizationId, calls) in _organizations)
            {
                while (calls.Take() is { } events)
                {
                    calls.Unanswered++;
                    batches.Add((organizationId, events));
                }
            }
        }

        foreach (var (organizationId, events) in batches)
        {
            _ = StoreTogetherAsync(organizationId, events);
        }
    }

    /// <summary>One call for several events. It never fails, because each event's caller gets the outcome.</summary>
    private async Task StoreTogetherAsync(string organizationId, List<WaitingEvent> events)
    {
        try
        {
            // This method runs in the context of another call. The first traced event's span gets the call.
            Activity.Current = events.Find(static waiting => waiting.Span is not null)?.Span;
            var answers = await store(
                organizationId, [.. events.Select(waiting => waiting.Event)], 0, CancellationToken.None);
            for (var i = 0; i < events.Count; i++)
            {
                events[i].Stored.TrySetResult(answers[i]);
            }
        }
        catch (PublishFailedException e)
        {
            events.ForEach(waiting => waiting.Stored.TrySetException(e));
        }
        catch (Exception e) when (events.Count == 1)
        {
            events[0].Stored.TrySetException(e);
        }
        catch (Exception)
        {
            await Task.WhenAll(events.Select(waiting => StoreSingleAsync(organizationId, waiting)));
        }
        finally
        {
            EndCall(organizationId);
        }
    }

    private async Task StoreSingleAsync(string organizationId, WaitingEvent waiting)
    {
        try
        {
            Activity.Current = waiting.Span;
            var answers = await store(organizationId, [waiting.Event], 0, waiting.Cancellation);
            waiting.Stored.TrySetResult(answers[0]);
        }
        catch (Exception e)
        {
            waiting.Stored.TrySetException(e);
        }
    }

    private sealed record WaitingEvent(OrderStatusEvent Event, CancellationToken Cancellation)
    {
        /// <summary>The span of the publish call; null if nobody samples it.</summary>
        public Activity? Span { get; } = EventTraces.Current;

        public TaskCompletionSource<PublishedEvent> Stored { get; } =
            new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>The calls of an organization, and the events that wait for one.</summary>
    private sealed class Calls
    {
        public int Unanswered { get; set; }

        public Queue<WaitingEvent> Waiting { get; } = [];

        /// <summary>Takes the events of the next call, without those that their callers gave up.</summary>
        public List<WaitingEvent>? Take()
        {
            List<WaitingEvent>? taken = null;
            var details = 0;
            while (taken?.Count is not MaxEvents && Waiting.TryPeek(out var next))
            {
                details += next.Event.Details?.Length ?? 0;
                if (taken is not null && details > MaxDetails)
                {
                    break;
                }

                Waiting.Dequeue();
                if (!next.Cancellation.IsCancellationRequested)
                {
                    (taken ??= []).Add(next);
                }
            }

            return taken;
        }
    }
}
