using Microsoft.Extensions.Time.Testing;
using OrdersActors.FrontEnd.Limits;

namespace OrdersActors.Tests.FrontEnd.Limits;

public sealed class ConcurrencyLimiterTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task Callers_past_the_limit_wait_for_a_permit()
    {
        var limiter = new ConcurrencyLimiter(2, _time);
        var first = await AcquireAsync(limiter);
        using var second = await AcquireAsync(limiter);
        var third = AcquireAsync(limiter);
        Assert.False(third.IsCompleted);
        first.Dispose();
        using var permit = await third;
    }

    [Fact]
    public async Task Permit_that_is_held_too_long_no_longer_blocks_others_and_is_released_only_once()
    {
        var limiter = new ConcurrencyLimiter(1, _time);
        var slow = await AcquireAsync(limiter);
        var second = AcquireAsync(limiter);
        _time.Advance(ConcurrencyLimiter.MaxHold - TimeSpan.FromMilliseconds(1));
        Assert.False(second.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        using var permit = await second;

        // The end of the slow work must not admit another one.
        slow.Dispose();
        slow.Dispose();
        Assert.False(AcquireAsync(limiter).IsCompleted);
    }

    [Fact]
    public async Task Cancelled_caller_takes_no_permit()
    {
        var limiter = new ConcurrencyLimiter(1, _time);
        var first = await AcquireAsync(limiter);
        using var cancellation = new CancellationTokenSource();
        var waiting = limiter.AcquireAsync(cancellation.Token).AsTask();
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        first.Dispose();
        using var next = await AcquireAsync(limiter);
    }

    private static Task<ConcurrencyLimiter.Permit> AcquireAsync(ConcurrencyLimiter limiter) =>
        limiter.AcquireAsync(TestContext.Current.CancellationToken).AsTask();
}
