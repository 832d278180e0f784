using System.Diagnostics;

namespace OrdersActors.EndToEndTests.Telemetry;

/// <summary>promtool checks the alert rules and runs their tests.</summary>
public sealed class AlertRuleTests
{
    [Fact]
    public Task Rules_are_valid() => SucceedsAsync("check", "rules", Monitoring.Rules);

    [Fact]
    public Task Rules_pass_their_tests() => SucceedsAsync("test", "rules", Monitoring.RuleTests);

    [Fact]
    public void Every_rule_has_a_test()
    {
        var tests = File.ReadAllText(Monitoring.RuleTests);
        var names = File.ReadLines(Monitoring.Rules).Where(line => line.Contains("- alert:", StringComparison.Ordinal))
            .Select(line => line.Split(':')[1].Trim()).ToArray();
        Assert.True(names.Length > 10);
        Assert.All(names, name => Assert.Contains(name, tests, StringComparison.Ordinal));
    }

    private static async Task SucceedsAsync(params string[] arguments)
    {
        RequiredPrometheus.Check();
        using var promtool = Process.Start(new ProcessStartInfo("promtool", arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var output = promtool.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = promtool.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await promtool.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(promtool.ExitCode == 0, await output + await error);
    }
}
