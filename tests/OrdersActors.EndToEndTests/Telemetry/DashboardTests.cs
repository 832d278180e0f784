using OrdersActors.TestServer;

namespace OrdersActors.EndToEndTests.Telemetry;

/// <summary>
/// A real Prometheus scrapes a small cluster under a small load, and evaluates what operators get: the dashboard and
/// the alert rules. So a metric that is renamed or not exported fails here.
/// </summary>
public sealed class DashboardTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    // Rates need several scrapes; a busy machine may miss some.
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(3);

    [Fact]
    public async Task Every_panel_and_the_metric_of_every_alert_have_data_under_a_small_load()
    {
        RequiredPostgres.Check();
        RequiredPrometheus.Check();
        await using var cluster = await ServerCluster.StartAsync(new ClusterSettings
        {
            Roles = [ServerRole.All, ServerRole.FrontEnd],
            ServesMetrics = true,
        });
        await using var service = await cluster.ConnectPublisherAsync();
        await using var load = await SmallLoad.StartAsync(cluster.Servers[0], service);
        await using var prometheus = await PrometheusServer.StartAsync(
            cluster.Servers.Select(server => server.Metrics!), Monitoring.Rules, Interval);

        var rules = await prometheus.GetRulesAsync();
        Assert.NotEmpty(rules);
        var wanted = Monitoring.Panels("30s")
            .Concat(
                from rule in rules
                from metric in Monitoring.MetricsOf(rule.Expression)
                select (rule.Name, metric))
            .ToArray();
        using var timeout = new CancellationTokenSource(WaitTimeout);
        while (wanted.Length > 0 && !timeout.IsCancellationRequested)
        {
            await Task.Delay(Interval, TestContext.Current.CancellationToken);
            var empty = new List<(string, string)>();
            foreach (var (name, expression) in wanted)
            {
                if ((await prometheus.QueryAsync(expression)).All(series => double.IsNaN(series.Value)))
                {
                    empty.Add((name, expression));
                }
            }

            wanted = [.. empty];
        }

        Assert.Empty(wanted);
        Assert.All(await prometheus.GetRulesAsync(), rule => Assert.Equal("", rule.Error));
    }
}
