using Microsoft.Extensions.Time.Testing;
using OrdersActors.Server.Commands.Output;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Commands.Output;

public class CommandProgressTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Rate_and_remaining_time_are_calculated_from_the_start()
    {
        var progress = new CommandProgress("events", _time) { Total = 1000 };
        _time.Advance(TimeSpan.FromSeconds(4));
        progress.Add(200);
        Assert.Equal("200 of 1000 events, 50 per second, 16 s left", progress.Describe());
        _time.Advance(TimeSpan.FromSeconds(16));
        progress.Add(800);
        Assert.Equal("1000 of 1000 events, 50 per second", progress.Describe());
        Assert.Equal("1000 events in 20.00 s, 50 per second", progress.Summary());
    }

    [Fact]
    public void Unknown_total_is_not_shown()
    {
        var progress = new CommandProgress("events", _time);
        Assert.Equal("0 events, 0 per second", progress.Describe());
    }

    [Fact]
    public async Task Lines_are_written_until_the_work_ends()
    {
        var progress = new CommandProgress("events", _time) { Total = 10 };
        var work = new TaskCompletionSource();
        await using var output = new StringWriter();
        var writing = progress.WriteLinesAsync(work.Task, output);
        progress.Add(5);
        _time.Advance(TimeSpan.FromSeconds(2));
        await Eventually.Holds(
            () => output.ToString().Contains("5 of 10 events", StringComparison.Ordinal), () => output.ToString());
        work.SetResult();
        await writing;
    }
}
