using Microsoft.Extensions.Time.Testing;
using OrdersActors.Storage;
using OrdersActors.Storage.Retention;

namespace OrdersActors.Tests.Storage;

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
    public void A_clock_that_agrees_with_the_newest_event_is_trusted_and_stays_so_without_events()
    {
        Assert.Null(Doubt());
        _time.Advance(TimeSpan.FromDays(100));
        Assert.Null(Doubt());
    }

    [Theory]
    [InlineData(30.0)]
    [InlineData(1.1)]
    public void A_clock_that_is_ahead_from_the_start_on_is_doubted_until_it_returns(double days)
    {
        _time.Set(TimeSpan.FromDays(days));
        Assert.Contains("past the newest event", Doubt(), StringComparison.Ordinal);
        // Events go on, by the publishers' clocks.
        _time.Advance(TimeSpan.FromHours(5));
        _newest = Today.AddHours(5);
        Assert.NotNull(Doubt());
        _time.Set(TimeSpan.FromDays(-days));
        Assert.Null(Doubt());
    }

    [Fact]
    public void An_idle_log_waits_after_a_restart_for_the_next_event()
    {
        _newest = Today.AddDays(-9);
        Assert.NotNull(Doubt());
        _newest = Today.AddHours(-2);
        Assert.Null(Doubt());
    }

    [Fact]
    public void A_clock_that_jumps_is_doubted_until_it_returns_whatever_the_events_say()
    {
        Assert.Null(Doubt());
        _time.Set(TimeSpan.FromDays(30));
        Assert.Contains("jumped 30.0 days", Doubt(), StringComparison.Ordinal);
        // A publisher on the same machine.
        _newest = _time.GetUtcNow();
        Assert.NotNull(Doubt());
        _time.Advance(TimeSpan.FromDays(3));
        Assert.NotNull(Doubt());
        _time.Set(TimeSpan.FromDays(-30));
        Assert.Null(Doubt());
    }

    [Fact]
    public void A_clock_that_is_behind_at_the_start_may_be_set_right()
    {
        _time.Set(TimeSpan.FromDays(-10_000));
        _ = Doubt();
        _time.Set(TimeSpan.FromDays(10_000));
        Assert.Null(Doubt());
    }

    [Theory]
    [InlineData(-10_000)]
    [InlineData(400)]
    public void An_event_of_another_time_proves_nothing(int days)
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
    public void A_day_that_an_operator_confirmed_is_evidence(string day, bool isTrusted)
    {
        _newest = Today.AddDays(-9);
        Assert.Equal(isTrusted, Doubt(Limits with { ClockConfirmedOn = DateOnly.Parse(day, null) }) is null);
    }

    [Fact]
    public void Without_a_limit_every_clock_is_trusted()
    {
        _newest = null;
        Assert.NotNull(Doubt());
        Assert.Null(Doubt(Limits with { MaxClockLead = null }));
    }

    private string? Doubt(RetentionLimits? limits = null) =>
        _clock.Doubt(_time.GetUtcNow(), limits ?? Limits, before => _newest <= before ? _newest : null);

    /// <summary>A clock that can be set while the monotonic one goes on.</summary>
    private sealed class SettableTime(DateTimeOffset start) : FakeTimeProvider(start)
    {
        private TimeSpan _wrong;

        public void Set(TimeSpan by) => _wrong += by;

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + _wrong;

        // The base takes it from the clock.
        public override long GetTimestamp() => base.GetTimestamp() - _wrong.Ticks;
    }
}
