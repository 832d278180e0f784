using Microsoft.Extensions.Time.Testing;
using OrdersActors.FrontEnd.Limits;

namespace OrdersActors.Tests.FrontEnd.Limits;

public sealed class FairLimiterTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task Organizations_take_turns()
    {
        var limiter = new FairLimiter(1, 0, _time);
        var running = await AcquireAsync(limiter, "large");
        var large = Enumerable.Range(0, 3).Select(_ => AcquireAsync(limiter, "large")).ToArray();
        var small = AcquireAsync(limiter, "small");
        running.Dispose();
        (await large[0]).Dispose();
        (await small).Dispose();
        (await large[1]).Dispose();
        (await large[2]).Dispose();
    }

    [Fact]
    public async Task One_organization_does_not_get_more_than_its_share()
    {
        var limiter = new FairLimiter(3, 2, _time);
        var first = await AcquireAsync(limiter, "large");
        using var second = await AcquireAsync(limiter, "large");
        var third = AcquireAsync(limiter, "large");
        Assert.False(third.IsCompleted);
        (await AcquireAsync(limiter, "small")).Dispose();
        Assert.False(third.IsCompleted);
        first.Dispose();
        (await third).Dispose();
    }

    [Fact]
    public async Task Caller_that_gives_up_gets_no_permit_and_blocks_nobody()
    {
        var limiter = new FairLimiter(1, 0, _time);
        var running = await AcquireAsync(limiter, "shop");
        using var leaving = new CancellationTokenSource();
        var cancelled = limiter.AcquireAsync("shop", leaving.Token).AsTask();
        var other = AcquireAsync(limiter, "shop");
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        running.Dispose();
        (await other).Dispose();
        (await AcquireAsync(limiter, "shop")).Dispose();
    }

    [Fact]
    public async Task Work_that_takes_long_does_not_block_the_others()
    {
        var limiter = new FairLimiter(1, 1, _time);
        using var slow = await AcquireAsync(limiter, "shop");
        var next = AcquireAsync(limiter, "shop");
        Assert.False(next.IsCompleted);
        _time.Advance(ConcurrencyLimiter.MaxHold);
        using var permit = await next;
        // The permit that has expired is not released a second time.
        slow.Dispose();
        Assert.False(AcquireAsync(limiter, "shop").IsCompleted);
    }

    private static Task<FairLimiter.Permit> AcquireAsync(FairLimiter limiter, string organization) =>
        limiter.AcquireAsync(organization, TestContext.Current.CancellationToken).AsTask();
}
