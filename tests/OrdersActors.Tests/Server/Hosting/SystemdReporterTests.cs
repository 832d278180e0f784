using OrdersActors.Server.Hosting;

namespace OrdersActors.Tests.Server.Hosting;

public sealed class SystemdReporterTests
{
    [Theory]
    [InlineData(null, null, null)]
    [InlineData("", null, null)]
    [InlineData("0", null, null)]
    [InlineData("soon", null, null)]
    [InlineData("30000000", null, 10_000)]
    [InlineData("30000000", "", 10_000)]
    [InlineData("30000000", "17", 10_000)]
    [InlineData("30000000", "18", null)]
    [InlineData("1", "17", 1)]
    public void Watchdog_gets_a_message_three_times_as_often_as_it_requires(
        string? microseconds, string? process, int? milliseconds)
    {
        var variables = new Dictionary<string, string?>
        {
            ["WATCHDOG_USEC"] = microseconds,
            ["WATCHDOG_PID"] = process,
        };
        Assert.Equal(
            milliseconds,
            SystemdReporter.WatchdogInterval(variables.GetValueOrDefault, processId: 17)?.TotalMilliseconds);
    }
}
