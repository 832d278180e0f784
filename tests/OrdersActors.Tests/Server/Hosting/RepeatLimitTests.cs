using Microsoft.Extensions.Time.Testing;
using OrdersActors.Server.Hosting;

namespace OrdersActors.Tests.Server.Hosting;

public sealed class RepeatLimitTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Lines_of_one_event_id_pass_up_to_the_limit_and_the_next_window_reports_the_suppressed_lines()
    {
        var limit = new RepeatLimit(_time);
        Assert.Equal(
            RepeatLimit.MaxLines, Enumerable.Range(0, 2000).Count(_ => limit.TryPass(1302, out var none) && none == 0));
        // Another id has its own limit.
        Assert.True(limit.TryPass(1301, out _));

        _time.Advance(RepeatLimit.Window);
        Assert.True(limit.TryPass(1302, out var leftOut));
        Assert.Equal(2000 - RepeatLimit.MaxLines, leftOut);
        Assert.True(limit.TryPass(1302, out leftOut));
        Assert.Equal(0, leftOut);
    }

    [Fact]
    public void Occasional_lines_always_pass()
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
