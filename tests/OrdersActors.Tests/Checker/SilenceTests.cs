using System.Diagnostics;
using OrdersActors.TestServer;

namespace OrdersActors.Tests.Checker;

/// <summary>The longest silence around a moment.</summary>
public sealed class SilenceTests
{
    [Fact]
    public void Longest_gap_counts_from_before_the_span_to_its_end()
    {
        Assert.Equal(4, Longest([1, 2, 6, 7, 8], from: 3, until: 10));
        Assert.Equal(3, Longest([1, 2, 3, 8, 9], from: 4, until: 6));
    }

    [Fact]
    public void Gaps_before_and_after_the_span_do_not_count()
    {
        Assert.Equal(1, Longest([1, 10, 11, 12, 13, 20, 30], from: 10, until: 12));
    }

    [Fact]
    public void Unknown_silence_is_null()
    {
        Assert.Null(Longest([], from: 3, until: 10));
        Assert.Null(Longest([1, 2], from: 3, until: 10));
        Assert.Null(Longest([4, 5, 6], from: 3, until: 10));
    }

    [Fact]
    public void Median_is_the_middle_value_or_the_lower_of_two()
    {
        Assert.Equal(
            2,
            Silence.Median([TimeSpan.FromSeconds(9), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2)]).TotalSeconds);
        Assert.Equal(1, Silence.Median([TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(1)]).TotalSeconds);
    }

    private static double? Longest(long[] seconds, long from, long until) => Silence.Longest(
        seconds.Select(second => second * Stopwatch.Frequency), from * Stopwatch.Frequency,
        until * Stopwatch.Frequency)?.TotalSeconds;
}
