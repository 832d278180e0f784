using Microsoft.Extensions.Time.Testing;
using OrdersActors.FrontEnd;
using OrdersActors.FrontEnd.Limits;

namespace OrdersActors.Tests.FrontEnd.Limits;

public sealed class MessageRateLimitTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Burst_is_accepted_then_as_many_messages_are_refused_then_the_client_is_disconnected()
    {
        var limit = new MessageRateLimit(new FrontEndOptions { MessageRate = 50, MessageBurst = 100 }, _time);
        Assert.All(Enumerable.Range(0, 100), _ => Assert.Equal(MessageVerdict.Accept, limit.Take()));
        Assert.All(Enumerable.Range(0, 100), _ => Assert.Equal(MessageVerdict.Refuse, limit.Take()));
        Assert.Equal(MessageVerdict.Disconnect, limit.Take());
    }

    [Fact]
    public void Messages_at_the_rate_are_always_accepted()
    {
        var limit = new MessageRateLimit(new FrontEndOptions { MessageRate = 50, MessageBurst = 100 }, _time);
        for (var i = 0; i < 5000; i++)
        {
            Assert.Equal(MessageVerdict.Accept, limit.Take());
            _time.Advance(TimeSpan.FromMilliseconds(20));
        }
    }

    [Fact]
    public void Client_that_slows_down_is_accepted_again()
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
    public void One_time_allowance_is_used_after_the_burst_and_is_not_refilled()
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
