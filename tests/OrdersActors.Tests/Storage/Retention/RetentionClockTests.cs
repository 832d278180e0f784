using Microsoft.Extensions.Time.Testing;
using OrdersActors.Storage;
using OrdersActors.Storage.Retention;

namespace OrdersActors.Tests.Storage.Retention;

public sealed class RetentionClockTests
{
    private static readonly DateTimeOffset Today = new(2026, 11, 25, 12, 0, 0, TimeSpan.Zero);
    private static readonly RetentionLimits Limits =
        new(TimeSpan.FromDays(30), 10, 3, TimeSpan.FromMinutes(1)) { MaxClockLead = TimeSpan.FromDays(1) };

    private readonly SettableTime _time = new(Today);
    private readonly RetentionClock _clock;
    private DateTimeOffset? _newest = Today.AddHours(-1);

    public RetentionClockTests() => _clock = new RetentionClock(_time);

    [Fact]
    public void Clock_that_agrees_with_the_newest_event_is_trusted_and_stays_trusted_without_events()
    {
        Assert.Null(Doubt());
        _time.Advance(TimeSpan.FromDays(100));
        Assert.Null(Doubt());
    }

    [Theory]
    [InlineData(30.0)]
    [InlineData(1.1)]
    public void Clock_ahead_from_the_start_is_doubted_until_it_is_corrected(double days)
    {
        _time.Set(TimeSpan.FromDays(days));
        Assert.Contains("past the newest event", Doubt(), StringComparison.Ordinal);
        // Events continue to arrive with the publishers' correct times.
        _time.Advance(TimeSpan.FromHours(5));
        _newest = Today.AddHours(5);
        Assert.NotNull(Doubt());
        _time.Set(TimeSpan.FromDays(-days));
        Assert.Null(Doubt());
    }

    [Fact]
    public void Idle_log_waits_for_the_next_event_after_a_restart()
    {
        _newest = Today.AddDays(-9);
        Assert.NotNull(Doubt());
        _newest = Today.AddHours(-2);
        Assert.Null(Doubt());
    }

    [Fact]
    public void Clock_that_jumps_is_doubted_until_it_is_corrected_whatever_the_events_say()
    {
        Assert.Null(Doubt());
        _time.Set(TimeSpan.FromDays(30));
        Assert.Contains("jumped 30.0 days", Doubt(), StringComparison.Ordinal);
        // A publisher on the same machine has the same wrong time.
        _newest = _time.GetUtcNow();
        Assert.NotNull(Doubt());
        _time.Advance(TimeSpan.FromDays(3));
        Assert.NotNull(Doubt());
        _time.Set(TimeSpan.FromDays(-30));
        Assert.Null(Doubt());
    }

    [Fact]
    public void Clock_behind_at_the_start_may_be_corrected()
    {
        _time.Set(TimeSpan.FromDays(-10_000));
        _ = Doubt();
        _time.Set(TimeSpan.FromDays(10_000));
        Assert.Null(Doubt());
    }

    [Theory]
    [InlineData(-10_000)]
    [InlineData(400)]
    public void Event_with_a_far_off_time_is_no_evidence(int days)
    {
        _time.Set(TimeSpan.FromDays(30));
        _newest = Today.AddDays(days);
        Assert.NotNull(Doubt());
    }

    [Theory]
    [InlineData("2026-11-24", true)]
    [InlineData("2026-11-25", true)]
    [InlineData("2026-11-26", true)]
    [InlineData("2026-11-22", false)]
    [InlineData("2026-12-25", false)]
    public void Day_confirmed_by_an_operator_is_evidence(string day, bool isTrusted)
    {
        _newest = Today.AddDays(-9);
        Assert.Equal(isTrusted, Doubt(Limits with { ClockConfirmedOn = DateOnly.Parse(day, null) }) is null);
    }

    [Fact]
    public void Every_clock_is_trusted_without_a_limit()
    {
        _newest = null;
        Assert.NotNull(Doubt());
        Assert.Null(Doubt(Limits with { MaxClockLead = null }));
    }

    private string? Doubt(RetentionLimits? limits = null) =>
        _clock.Doubt(_time.GetUtcNow(), limits ?? Limits, before => _newest <= before ? _newest : null);

    /// <summary>A wall clock that can be adjusted without affecting the monotonic clock.</summary>
    private sealed class SettableTime(DateTimeOffset start) : FakeTimeProvider(start)
    {
        private TimeSpan _wrong;

        public void Set(TimeSpan by) => _wrong += by;

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + _wrong;

        // The base class derives it from the wall clock, so the adjustment is subtracted.
        public override long GetTimestamp() => base.GetTimestamp() - _wrong.Ticks;
    }
}
