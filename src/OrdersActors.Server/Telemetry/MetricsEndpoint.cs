using Microsoft.AspNetCore.Server.Kestrel.Core;
using OpenTelemetry.Metrics;

namespace OrdersActors.Server.Telemetry;

/// <summary>
/// Serves <c>/metrics</c> on a port of its own, with a web server of its own. So no setting of the clients' endpoints
/// can expose it, and it answers while the clients' server starts, stops or is overloaded with connections.
/// </summary>
internal sealed partial class MetricsEndpoint(
    MeterProvider meters, TelemetryOptions options, ILogger<MetricsEndpoint> logger) : IHostedService, IAsyncDisposable
{
    // Prometheus and a person who looks need two. More are refused.
    private const int MaxConnections = 20;

    private WebApplication? _app;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        MetricZeros.CountAll();
        if (!options.IsScraped)
        {
            return;
        }

        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(Configure);
        _app = builder.Build();
        _app.UseOpenTelemetryPrometheusScrapingEndpoint(
            meters, predicate: null, path: "/metrics", configureBranchedPipeline: null, optionsName: null);
        await _app.StartAsync(cancellationToken);
        LogListening(options.Prometheus.ToString());
    }

    public Task StopAsync(CancellationToken cancellationToken) =>
        _app?.StopAsync(cancellationToken) ?? Task.CompletedTask;

    public ValueTask DisposeAsync() => _app?.DisposeAsync() ?? ValueTask.CompletedTask;

    private void Configure(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxConcurrentConnections = MaxConnections;
        kestrel.Limits.MaxRequestBodySize = 0;
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(5);
        kestrel.Listen(options.Prometheus);
    }

    [LoggerMessage(1640, LogLevel.Information, "Serving /metrics for Prometheus on {EndPoint}")]
    private partial void LogListening(string endPoint);
}
