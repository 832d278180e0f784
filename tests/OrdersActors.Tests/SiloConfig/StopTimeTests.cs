using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;
using OrdersActors.FrontEnd;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.SiloConfig;

/// <summary>The supervisors in the examples wait for as long as a server may take to stop.</summary>
public sealed partial class StopTimeTests
{
    [Theory]
    [InlineData("kubernetes/base/silo.yaml", "cluster-node.json")]
    [InlineData("kubernetes/base/front-end.yaml", "front-end.json")]
    [InlineData("docker-compose.yaml", "cluster-node.json")]
    [InlineData("docker-compose.yaml", "front-end.json")]
    [InlineData("orders-actors.service", "cluster-node.json")]
    [InlineData("orders-actors.service", "single-machine.json")]
    public void Supervisor_waits_for_the_drain_and_the_stop(string manifest, string settings)
    {
        var frontEnd = FrontEndOf(settings);
        var most = frontEnd.DrainDelay + frontEnd.DrainTime + Deadlines.StopHost + Deadlines.StopProcess;
        var waits = StopTime().Matches(Read(manifest))
            .Select(match => int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture)).ToArray();
        Assert.NotEmpty(waits);
        Assert.All(waits, seconds => Assert.True(TimeSpan.FromSeconds(seconds) > most, $"{seconds} s, needs {most}"));
    }

    [Fact]
    public void Load_balancer_notices_a_stop_within_half_of_the_drain_delay()
    {
        var checks = Checks().Match(Read("haproxy.cfg"));
        var milliseconds = int.Parse(checks.Groups["fast"].ValueSpan, CultureInfo.InvariantCulture);
        var seconds = int.Parse(checks.Groups["inter"].ValueSpan, CultureInfo.InvariantCulture);
        var fall = int.Parse(checks.Groups["fall"].ValueSpan, CultureInfo.InvariantCulture);
        // After the first failure, the checks come faster.
        var notices = TimeSpan.FromSeconds(seconds) + ((fall - 1) * TimeSpan.FromMilliseconds(milliseconds));
        Assert.True(notices < FrontEndOf("cluster-node.json").DrainDelay / 2, $"{notices}");
    }

    private static FrontEndOptions FrontEndOf(string settings)
    {
        var options = new FrontEndOptions();
        new ConfigurationBuilder().AddJsonFile(PathOf(settings)).Build()
            .GetSection("OrdersActors:FrontEnd").Bind(options);
        return options;
    }

    private static string Read(string file) => File.ReadAllText(PathOf(file));

    private static string PathOf(string file) => Path.Combine(SourceFolders.Root, "silo-config", file);

    [GeneratedRegex(@"(?:terminationGracePeriodSeconds: |stop_grace_period: |TimeoutStopSec=)(\d+)s?\r?\n")]
    private static partial Regex StopTime();

    [GeneratedRegex(@"inter (?<inter>\d+)s fastinter (?<fast>\d+)ms downinter \d+ms fall (?<fall>\d+)")]
    private static partial Regex Checks();
}
