using Microsoft.Extensions.Time.Testing;
using OrdersActors.FrontEnd;
using OrdersActors.FrontEnd.Connections;

namespace OrdersActors.Tests.FrontEnd.Connections;

public sealed class MessageRateLimitTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void A_burst_is_accepted_then_as_much_is_refused_and_then_it_is_over()
    {
        var limit = new MessageRateLimit(new FrontEndOptions { MessageRate = 50, MessageBurst = 100 }, _time);
        Assert.All(Enumerable.Range(0, 100), _ => Assert.Equal(MessageVerdict.Accept, limit.Take()));
        Assert.All(Enumerable.Range(0, 100), _ => Assert.Equal(MessageVerdict.Refuse, limit.Take()));
        Assert.Equal(MessageVerdict.Disconnect, limit.Take());
    }

    [Fact]
    public void The_rate_itself_is_accepted_for_ever()
    {
        var limit = new MessageRateLimit(new FrontEndOptions { MessageRate = 50, MessageBurst = 100 }, _time);
        for (var i = 0; i < 5000; i++)
        {
            Assert.Equal(MessageVerdict.Accept, limit.Take());
            _time.Advance(TimeSpan.FromMilliseconds(20));
        }
    }

    [Fact]
    public void Who_slows_down_is_accepted_again()
    {
        var limit = new MessageRateLimit(new FrontEndOptions { MessageRate = 50, MessageBurst = 100 }, _time);
        for (var i = 0; i < 150; i++)
        {
            limit.Take();
        }

        _time.Advance(TimeSpan.FromSeconds(1.5));
        Assert.Equal(MessageVerdict.Accept, limit.Take());
    }

    [Fact]
    public void What_is_allowed_once_is_taken_when_the_burst_is_used_up_and_never_comes_back()
    {
        var limit = new MessageRateLimit(new FrontEndOptions { MessageRate = 50, MessageBurst = 100 }, _time);
        limit.Allow(1000);
        Assert.All(Enumerable.Range(0, 1100), _ => Assert.Equal(MessageVerdict.Accept, limit.Take()));
        Assert.Equal(MessageVerdict.Refuse, limit.Take());
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.All(Enumerable.Range(0, 100), _ => Assert.Equal(MessageVerdict.Accept, limit.Take()));
        Assert.Equal(MessageVerdict.Refuse, limit.Take());
    }
}
