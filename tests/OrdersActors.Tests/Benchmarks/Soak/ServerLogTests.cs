using OrdersActors.Benchmarks.Soak;
using OrdersActors.Faults.Totals;

namespace OrdersActors.Tests.Benchmarks.Soak;

public sealed class ServerLogTests
{
    [Fact]
    public void Lines_at_warning_and_above_are_counted_and_the_first_ones_kept()
    {
        var log = new ServerLog();
        foreach (var line in (string[])
            [
                "2026-11-29T12:00:00.000Z info: OrdersActors.Server[1] no warn: here",
                "2026-11-29T12:00:01.000Z warn: OrdersActors.Storage[1003] a",
                "2026-11-29T12:00:02.000Z fail: X[1] b", "2026-11-29T12:00:03.000Z crit: X[2] c",
                "2026-11-29T12:00:04.000Z dbug: X[3] d",
                "Unhandled exception. System.Exception: e", HeapReport.ToLine(1234),
            ])
        {
            log.Add(line);
        }

        Assert.Equal(4, log.Warnings);
        Assert.Equal("2026-11-29T12:00:01.000Z warn: OrdersActors.Storage[1003] a", log.FirstWarnings[0]);
        Assert.Equal(1234, log.LiveHeap);
    }
}
