using Microsoft.Extensions.Time.Testing;
using OrdersActors.Publishing;

namespace OrdersActors.Tests.Publishing;

public sealed class OrganizationCallsTests : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(2);

    // The interval of the few events of these tests.
    private static readonly TimeSpan Wait = Interval * 1.5;
    private static readonly TimeSpan OneTick = TimeSpan.FromMilliseconds(1);

    private readonly FakeTimeProvider _time = new();
    private readonly OrganizationCalls _calls;

    // The numbers of events of the calls that the timer began.
    private readonly List<int> _timed = [];

    public OrganizationCallsTests() => _calls = new OrganizationCalls(
        "shop", Interval, _time, calls => _timed.AddRange(calls.TakeTimed().Select(events => events.Count)));

    public void Dispose() => _calls.Dispose();

    [Fact]
    public void Caller_that_awaits_each_answer_never_waits()
    {
        for (var i = 0; i < 10; i++)
        {
            Assert.True(_calls.TryBeginAlone());
            Assert.Null(_calls.End(1));
        }
    }

    [Fact]
    public void Callers_that_await_each_answer_wait_for_each_other()
    {
        // Three callers; the pace learns of them one after the other.
        Assert.True(_calls.TryBeginAlone());
        Assert.True(_calls.TryBeginAlone());
        Assert.False(_calls.TryBeginAlone());
        Assert.Null(_calls.Add(Event()));
        _time.Advance(Wait + OneTick);
        Assert.Equal([1], _timed);

        // All get their answers and publish again. The third one begins the call.
        Assert.Null(_calls.End(1));
        Assert.Null(_calls.End(1));
        Assert.Null(_calls.End(1));
        Assert.False(_calls.TryBeginAlone());
        Assert.Null(_calls.Add(Event()));
        Assert.Null(_calls.Add(Event()));
        Assert.Equal(3, _calls.Add(Event())?.Count);
        Assert.True(_calls.End(3) is null && _calls.IsIdle);
    }

    [Fact]
    public void Event_waits_only_for_the_rest_of_the_interval()
    {
        BeginTwo();
        _time.Advance(Wait);
        Assert.True(_calls.TryBeginAlone());
    }

    [Fact]
    public void Timer_that_was_set_for_an_earlier_call_does_not_end_the_wait_too_early()
    {
        BeginTwo();
        Assert.Null(_calls.Add(Event()));
        _time.Advance(Wait - TimeSpan.FromMilliseconds(0.1));
        Assert.Equal(2, _calls.Add(Event())?.Count);
        Assert.Null(_calls.Add(Event()));
        _time.Advance(OneTick * 1.5);
        Assert.Empty(_timed);
        _time.Advance(Wait);
        Assert.Equal([1], _timed);
    }

    [Fact]
    public void Event_that_waits_for_an_answer_is_sent_when_an_answer_comes()
    {
        BeginAllCalls();
        Assert.Null(_calls.Add(Event()));
        _time.Advance(Wait + OneTick);
        Assert.Empty(_timed);
        Assert.Single(_calls.End(1) ?? []);
    }

    [Fact]
    public void Event_waits_no_longer_than_MaxWait_for_an_answer()
    {
        BeginAllCalls();
        Assert.Null(_calls.Add(Event()));
        _time.Advance(OrganizationCalls.MaxWait);
        Assert.Equal([1], _timed);
    }

    private static WaitingEvent Event() =>
        new(new OrderStatusEvent { OrderId = "o-1", Status = "moving" }, TestContext.Current.CancellationToken);

    /// <summary>Begins two calls, so that two callers are expected.</summary>
    private void BeginTwo()
    {
        Assert.True(_calls.TryBeginAlone());
        Assert.True(_calls.TryBeginAlone());
        Assert.False(_calls.TryBeginAlone());
    }

    /// <summary>Begins as many calls as may be unanswered.</summary>
    private void BeginAllCalls()
    {
        for (var i = 0; i < OrganizationCalls.MaxCalls; i++)
        {
            _time.Advance(Wait);
            Assert.True(_calls.TryBeginAlone());
        }
    }
}
