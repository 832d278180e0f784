using Microsoft.Extensions.Time.Testing;

namespace OrdersActors.Tests.Abstractions;

public sealed class RetryBackoffTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public void Delays_double_up_to_the_longest_and_begin_again_after_a_reset()
    {
        var backoff = new RetryBackoff(Second, 5 * Second);
        Assert.Equal([1, 2, 4, 5, 5], Seconds(backoff, 5));
        backoff.Reset();
        Assert.Equal([1, 2], Seconds(backoff, 2));
    }

    [Fact]
    public void Factor_sets_the_ratio_of_the_delays()
    {
        Assert.Equal([0.2, 2, 2], Seconds(new RetryBackoff(Second / 5, 2 * Second, factor: 10), 3));
        Assert.Equal([1, 1, 1], Seconds(new RetryBackoff(Second, 2 * Second, factor: 1), 3));
    }

    [Fact]
    public void Delays_are_never_shorter_than_the_first() =>
        Assert.Equal([60, 60, 60], Seconds(new RetryBackoff(60 * Second, 5 * Second), 3));

    [Fact]
    public void Longest_delay_may_be_the_longest_time() =>
        Assert.Equal([1, 2, 4], Seconds(new RetryBackoff(Second, TimeSpan.MaxValue), 3));

    [Fact]
    public void Jitter_shortens_a_delay_at_most_by_its_part_and_does_not_change_the_bound()
    {
        var backoff = new RetryBackoff(Second, 8 * Second, jitter: 0.5);
        foreach (var bound in new[] { 1, 2, 4, 8, 8 })
        {
            Assert.Equal(bound * Second, backoff.Delay);
            Assert.InRange(backoff.Next(), bound * Second / 2, bound * Second);
        }
    }

    [Fact]
    public async Task Wait_ends_after_the_delay_of_the_clock()
    {
        var time = new FakeTimeProvider();
        var backoff = new RetryBackoff(Second, 5 * Second);
        var first = backoff.WaitAsync(time, TestContext.Current.CancellationToken);
        time.Advance(Second / 2);
        Assert.False(first.IsCompleted);
        time.Advance(Second / 2);
        Assert.True(await first);
        Assert.Equal(2 * Second, backoff.Delay);
    }

    [Fact]
    public async Task Cancelled_wait_ends_without_an_exception()
    {
        using var cancelled = new CancellationTokenSource();
        var wait = new RetryBackoff(Second, Second).WaitAsync(new FakeTimeProvider(), cancelled.Token);
        await cancelled.CancelAsync();
        Assert.False(await wait);
    }

    [Theory]
    [InlineData(0, 2, 0)]
    [InlineData(1, 0.5, 0)]
    [InlineData(1, 2, -0.1)]
    [InlineData(1, 2, 1.1)]
    public void Invalid_argument_is_refused(double first, double factor, double jitter) =>
        Assert.Throws<ArgumentOutOfRangeException>(
            () => new RetryBackoff(TimeSpan.FromSeconds(first), Second, factor, jitter));

    private static IEnumerable<double> Seconds(RetryBackoff backoff, int count) =>
        Enumerable.Range(0, count).Select(_ => backoff.Next().TotalSeconds).ToArray();
}
