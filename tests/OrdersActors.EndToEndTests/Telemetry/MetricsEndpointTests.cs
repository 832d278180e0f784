using System.Net;
using OrdersActors.TestServer;

namespace OrdersActors.EndToEndTests.Telemetry;

public sealed class MetricsEndpointTests(RunningServer running)
{
    [Theory]
    [InlineData("/metrics")]
    [InlineData("/healthz/ready")]
    [InlineData("/")]
    public async Task Metrics_are_served_on_a_port_of_their_own_and_nothing_else_is(string path)
    {
        await using var server = await ServerProcess.StartAsync(new ServerSettings { ServesMetrics = true });
        using var http = new HttpClient();
        using var answer = await http.GetAsync(
            new Uri($"http://{server.Metrics}{path}"), TestContext.Current.CancellationToken);
        Assert.Equal(path == "/metrics" ? HttpStatusCode.OK : HttpStatusCode.NotFound, answer.StatusCode);
        using var other = await http.GetAsync(
            new Uri(server.BaseAddress, "/metrics"), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NotFound, other.StatusCode);
        Assert.DoesNotContain("orders_actors_", await ReadAsync(other), StringComparison.Ordinal);
        if (path == "/metrics")
        {
            var text = await ReadAsync(answer);
            // Counters exist before the first count.
            Assert.Contains("orders_actors_holes_healed_total{", text, StringComparison.Ordinal);
            Assert.Contains("orders_actors_partition_lag{", text, StringComparison.Ordinal);
            Assert.Contains("target_info{", text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Server_without_the_setting_serves_no_metrics()
    {
        using var http = new HttpClient();
        using var answer = await http.GetAsync(
            new Uri(running.Server.BaseAddress, "/metrics"), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.DoesNotContain("/metrics", running.Server.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_series_names_an_order_or_an_organization()
    {
        await using var server = await ServerProcess.StartAsync(new ServerSettings { ServesMetrics = true });
        await using var service = await PublishingService.ConnectAsync(server.GatewayPort);
        await using var load = await SmallLoad.StartAsync(server, service);
        await service.PublishAsync("a-secret-shop", "a-secret-order", "paid");
        using var http = new HttpClient();
        var text = await http.GetStringAsync(
            new Uri($"http://{server.Metrics}/metrics"), TestContext.Current.CancellationToken);
        Assert.Contains("orders_actors_events_appended_total", text, StringComparison.Ordinal);
        Assert.DoesNotContain("a-secret", text, StringComparison.Ordinal);
        Assert.DoesNotContain("\"o-1\"", text, StringComparison.Ordinal);
        Assert.DoesNotContain("\"demo", text, StringComparison.Ordinal);
    }

    private static Task<string> ReadAsync(HttpResponseMessage answer) =>
        answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
}
