using OrdersActors.FrontEnd.Limits;

namespace OrdersActors.Tests.FrontEnd.Limits;

public sealed class BackOffTests
{
    [Fact]
    public void Delay_doubles_up_to_the_maximum_and_begins_again_after_a_reset()
    {
        var backOff = new BackOff(TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(9));
        Assert.Equal([2, 4, 8, 9, 9], Enumerable.Range(0, 5).Select(_ => backOff.Next().TotalSeconds));
        backOff.Reset();
        Assert.Equal(TimeSpan.FromSeconds(2), backOff.Next());
    }
}
