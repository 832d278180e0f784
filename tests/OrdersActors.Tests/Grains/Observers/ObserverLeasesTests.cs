using Microsoft.Extensions.Logging.Abstractions;
using OrdersActors.Grains;
using OrdersActors.Grains.Observers;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Grains.Observers;

public sealed class ObserverLeasesTests
{
    private static readonly FeedKey Feed = new("shop", null);
    private readonly SetClock _time = new();
    private readonly OrderGrainOptions _options = new();
    private readonly RecordingObserver _observer = new();
    private readonly ObserverLeases _leases;

    public ObserverLeasesTests() =>
        _leases = new ObserverLeases(
            Feed, _options, _time, NullLogger.Instance, new LocalObservers([]), new NotificationLanes());

    [Fact]
    public void Lease_expires_without_renewal()
    {
        _leases.Renew(_observer, 0);
        _time.Advance(_options.ObserverLease - TimeSpan.FromSeconds(1));
        Offer(1);
        _time.Advance(TimeSpan.FromSeconds(1));
        Offer(2);
        Assert.Equal([1L], _observer.NumbersOf(Feed));
        Assert.Equal(0, _leases.Count);
    }

    [Fact]
    public void Clock_adjustment_neither_ends_nor_extends_a_lease()
    {
        _leases.Renew(_observer, 0);
        _time.Off = TimeSpan.FromDays(30);
        Offer(1);
        _time.Off = TimeSpan.FromDays(-60);
        Offer(2);
        Assert.Equal([1L, 2L], _observer.NumbersOf(Feed));
        _time.Advance(_options.ObserverLease);
        Offer(3);
        Assert.Equal([1L, 2L], _observer.NumbersOf(Feed));
    }

    [Fact]
    public async Task Closed_leases_notify_their_observers_and_send_nothing_more()
    {
        var release = new TaskCompletionSource();
        _observer.BeforeEvents = (_, _) => release.Task;
        _leases.Renew(_observer, 0);
        Offer(1);
        Offer(2);
        await _leases.CloseAsync();
        release.SetResult();
        Offer(3);
        Assert.Equal(1, _observer.Closed);
        Assert.Equal([1L], _observer.NumbersOf(Feed));
    }

    /// <summary>A clock whose wall-clock time can be adjusted; its timestamps are not affected.</summary>
    private sealed class SetClock : TimeProvider
    {
        private TimeSpan _passed;

        public TimeSpan Off { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddYears(60) + _passed + Off;

        public override long GetTimestamp() => _passed.Ticks;

        public void Advance(TimeSpan time) => _passed += time;
    }

    private void Offer(long number) => _leases.Offer([new EncodedOrderEvent("o", number, number, [])]);
}
