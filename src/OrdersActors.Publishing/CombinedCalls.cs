using System.Diagnostics;

namespace OrdersActors.Publishing;

/// <summary>
/// Stores events that are published one by one. If an application publishes many of an organization at the same time,
/// several events share a call, which costs both sides less.
/// </summary>
/// <remarks>
/// <code>
///   publish ──► due? ── yes ──► a call of its own
///                   └─ no ───► waits ── enough events, an answer, or the timer ──► a call for all that wait
/// </code>
/// <para><b>Waiting.</b> <see cref="OrganizationCalls"/> decides when a call is due.</para>
/// <para><b>Failures.</b> A shared call stores all events or none. If it is refused, for example because of one event,
/// each event gets a call of its own, so that each caller has its own answer. Callers that wait when a shared call has
/// failed for the whole retry time all get that failure.</para>
/// <para><b>Cancellation.</b> An event whose caller gives up while it waits is not sent.</para>
/// <para><b>Memory.</b> It holds what its callers await, and the pace of <see cref="MaxRemembered"/> organizations.
/// Thread-safe.</para>
/// </remarks>
/// <param name="store">Stores the events of one call.</param>
/// <param name="interval">How long an event may wait for others, counted from the organization's latest call.</param>
/// <param name="time">The clock.</param>
internal sealed class CombinedCalls(StoreBatch store, TimeSpan interval, TimeProvider time) : IDisposable
{
    /// <summary>Organizations up to this number keep their pace while they have no calls.</summary>
    public const int MaxRemembered = 1000;

    private readonly Lock _lock = new();

    // Used under the lock, and so are its values.
    private readonly Dictionary<string, OrganizationCalls> _organizations = new(StringComparer.Ordinal);

    /// <summary>The number of organizations that are known.</summary>
    public int Organizations
    {
        get
        {
            lock (_lock)
            {
                return _organizations.Count;
            }
        }
    }

    /// <summary>Stores one valid event.</summary>
    public Task<PublishedEvent> StoreAsync(
        string organizationId, OrderStatusEvent normal, CancellationToken cancellationToken)
    {
        OrganizationCalls calls;
        WaitingEvent? waiting = null;
        List<WaitingEvent>? due = null;
        lock (_lock)
        {
            calls = Find(organizationId);
            if (!calls.TryBeginAlone())
            {
                waiting = new WaitingEvent(normal, cancellationToken);
                due = calls.Add(waiting);
            }
        }

        Send(calls, due);
        return waiting?.Stored.Task.WaitAsync(cancellationToken) ?? StoreAloneAsync(calls, normal, cancellationToken);
    }

    /// <summary>Sends what waits, and ends the timers.</summary>
    public void Dispose()
    {
        List<(OrganizationCalls Calls, List<WaitingEvent> Events)> left = [];
        lock (_lock)
        {
            foreach (var calls in _organizations.Values)
            {
                left.AddRange(calls.TakeAll().Select(events => (calls, events)));
                calls.Dispose();
            }
        }

        left.ForEach(call => Send(call.Calls, call.Events));
    }

    // Under the lock.
    private OrganizationCalls Find(string organizationId)
    {
        if (!_organizations.TryGetValue(organizationId, out var calls))
        {
            calls = new OrganizationCalls(organizationId, interval, time, OnTimer);
            _organizations.Add(organizationId, calls);
        }

        return calls;
    }

    private async Task<PublishedEvent> StoreAloneAsync(
        OrganizationCalls calls, OrderStatusEvent normal, CancellationToken cancellationToken)
    {
        try
        {
            return (await store(calls.OrganizationId, [normal], 0, cancellationToken))[0];
        }
        finally
        {
            End(calls, 1);
        }
    }

    /// <summary>Ends an answered call, and lets the waiting events follow it.</summary>
    private void End(OrganizationCalls calls, int events)
    {
        List<WaitingEvent>? due;
        lock (_lock)
        {
            due = calls.End(events);
            if (calls.IsIdle && _organizations.Count > MaxRemembered)
            {
                _organizations.Remove(calls.OrganizationId);
                calls.Dispose();
            }
        }

        Send(calls, due);
    }

    private void OnTimer(OrganizationCalls calls)
    {
        List<List<WaitingEvent>> due;
        lock (_lock)
        {
            due = calls.TakeTimed();
        }

        due.ForEach(events => Send(calls, events));
    }

    private void Send(OrganizationCalls calls, List<WaitingEvent>? events)
    {
        if (events is not null)
        {
            _ = StoreTogetherAsync(calls, events);
        }
    }

    /// <summary>One call for several events. It never fails, because each event's caller gets the outcome.</summary>
    private async Task StoreTogetherAsync(OrganizationCalls calls, List<WaitingEvent> events)
    {
        try
        {
            // This method runs in the context of another call. The first traced event's span gets the call.
            Activity.Current = events.Find(static waiting => waiting.Span is not null)?.Span;
            var answers = await store(
                calls.OrganizationId, [.. events.Select(waiting => waiting.Event)], 0, CancellationToken.None);
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
            await Task.WhenAll(events.Select(waiting => StoreSingleAsync(calls.OrganizationId, waiting)));
        }
        finally
        {
            End(calls, events.Count);
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
}
