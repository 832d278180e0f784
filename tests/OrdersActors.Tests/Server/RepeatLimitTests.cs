using Microsoft.Extensions.Time.Testing;
using OrdersActors.Server.Hosting;

namespace OrdersActors.Tests.Server;

public sealed class RepeatLimitTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Lines_of_one_event_id_pass_up_to_the_limit_and_the_next_window_reports_the_others()
    {
        var limit = new RepeatLimit(_time);
        Assert.Equal(RepeatLimit.MaxLines, Enumerable.Range(0, 2000).Count(_ => limit.TryPass(1302, out var none) && none == 0));
        // Another id has a limit of its own.
        Assert.True(limit.TryPass(1301, out _));

        _time.Advance(RepeatLimit.Window);
        Assert.True(limit.TryPass(1302, out var leftOut));
        Assert.Equal(2000 - RepeatLimit.MaxLines, leftOut);
        Assert.True(limit.TryPass(1302, out leftOut));
        Assert.Equal(0, leftOut);
    }

    [Fact]
    public void A_line_now_and_then_always_passes()
    {
        var limit = new RepeatLimit(_time);
        for (var i = 0; i < 100; i++)
        {
            Assert.True(limit.TryPass(1000, out var leftOut));
            Assert.Equal(0, leftOut);
            _time.Advance(RepeatLimit.Window / RepeatLimit.MaxLines * 1.01);
        }
    }
}
