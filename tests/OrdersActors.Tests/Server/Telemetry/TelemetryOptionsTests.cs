using Microsoft.Extensions.Configuration;
using OrdersActors.Server.Hosting;
using OrdersActors.Server.Telemetry;

namespace OrdersActors.Tests.Server.Telemetry;

public sealed class TelemetryOptionsTests
{
    [Fact]
    public void Nothing_is_sent_by_default()
    {
        var options = Read();
        Assert.False(options.IsScraped || options.SendsMetrics || options.SendsTraces);
        Assert.Equal(0, options.TraceRatio);
    }

    [Fact]
    public void Metrics_are_served_on_the_loopback_address_unless_another_one_is_given()
    {
        Assert.Equal("127.0.0.1:9464", $"{Read(("OrdersActors:Telemetry:PrometheusPort", "9464")).Prometheus}");
        Assert.Equal(
            "[::]:9464",
            $"{Read(
                ("OrdersActors:Telemetry:PrometheusPort", "9464"),
                ("OrdersActors:Telemetry:PrometheusAddress", "::")).Prometheus}");
    }

    [Theory]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", true, true)]
    [InlineData("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", true, false)]
    [InlineData("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", false, true)]
    public void Endpoint_of_OTLP_selects_what_is_sent(string name, bool metrics, bool traces)
    {
        var options = Read((name, "http://collector:4317"));
        Assert.Equal((metrics, traces), (options.SendsMetrics, options.SendsTraces));
    }

    [Theory]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4317")]
    [InlineData("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "here")]
    public void Bad_endpoint_of_OTLP_is_named(string name, string value)
    {
        var e = Assert.Throws<StartupException>(() => Read((name, value)));
        Assert.Contains(name, e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("PrometheusPort", "-1")]
    [InlineData("PrometheusPort", "port")]
    [InlineData("PrometheusAddress", "")]
    [InlineData("PrometheusAddress", "example.org")]
    [InlineData("TraceRatio", "1.1")]
    public void Bad_value_is_named(string name, string value)
    {
        var e = Assert.Throws<StartupException>(() => Read(($"OrdersActors:Telemetry:{name}", value)));
        Assert.Contains(name, e.Message, StringComparison.Ordinal);
    }

    private static TelemetryOptions Read(params (string Name, string Value)[] settings) =>
        ServerTelemetry.Read(new ConfigurationBuilder()
            .AddInMemoryCollection(settings.ToDictionary(setting => setting.Name, setting => (string?)setting.Value))
            .Build());
}
