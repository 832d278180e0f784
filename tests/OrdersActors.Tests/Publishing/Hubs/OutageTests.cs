using Microsoft.Extensions.Time.Testing;
using OrdersActors.Publishing.Hubs;

namespace OrdersActors.Tests.Publishing.Hubs;

public sealed class OutageTests
{
    [Fact]
    public void Outage_begins_once_and_ends_once()
    {
        var time = new FakeTimeProvider();
        var outage = new Outage(time);
        Assert.Null(outage.End());
        Assert.True(outage.Begin());
        time.Advance(TimeSpan.FromSeconds(3));
        Assert.False(outage.Begin());
        Assert.True(outage.IsOngoing);
        Assert.Equal(TimeSpan.FromSeconds(3), outage.End());
        Assert.Null(outage.End());
        Assert.False(outage.IsOngoing);
        Assert.True(outage.Begin());
    }
}
