using Microsoft.Extensions.Time.Testing;
using OrdersActors.Client.Connections;

namespace OrdersActors.Tests.Client.Connections;

public class BackOffTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Limit_doubles_up_to_20_s()
    {
        var longest = new BackOff(_time, new FixedRandom(1));
        Assert.Equal(
            [1, 1.5, 2.5, 4.5, 8.5, 16.5, 20, 20],
            Enumerable.Range(0, 8).Select(_ => longest.Next().TotalSeconds));
        var shortest = new BackOff(_time, new FixedRandom(0));
        Assert.All(Enumerable.Range(0, 100), _ => Assert.Equal(0.5, shortest.Next().TotalSeconds));
    }

    [Fact]
    public void Only_a_success_that_lasts_a_minute_begins_again()
    {
        var backOff = new BackOff(_time, new FixedRandom(1));
        backOff.Next();
        backOff.Succeeded();
        _time.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal(1.5, backOff.Next().TotalSeconds);
        backOff.Succeeded();
        _time.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal(1, backOff.Next().TotalSeconds);
    }

    private sealed class FixedRandom(double value) : Random
    {
        public override double NextDouble() => value;
    }
}
