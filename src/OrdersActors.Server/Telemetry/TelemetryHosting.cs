using System.Reflection;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace OrdersActors.Server.Telemetry;

/// <summary>
/// Exports the metrics and traces of a server with OpenTelemetry: by OTLP, and on a port that Prometheus scrapes.
/// </summary>
/// <remarks>
/// <para>While both are off, nothing is collected, and every measurement costs a test of a flag.</para>
/// <para>Prometheus' exporter is a prerelease, because the specification of its text is not final. It is in use for
/// years, and the server depends on nothing but the text. The tests check the names in it against the dashboard and the
/// alerts, so an incompatible version cannot go unnoticed.</para>
/// </remarks>
internal static class TelemetryHosting
{
    // This product, Orleans, the web server, the runtime, PostgreSQL.
    private static readonly string[] Meters =
    [
        OrderMetrics.MeterName, "Microsoft.Orleans", "Microsoft.AspNetCore.Hosting",
        "Microsoft.AspNetCore.Server.Kestrel", "System.Runtime", "Npgsql",
    ];

    // They have a tag with the address and the start time of another silo, so a cluster that lives long would collect
    // ever more series. The sizes would also cost time for each message.
    private static readonly string[] Unbounded =
        ["orleans-messaging-*-messages-size", "orleans-messaging-pings-*"];

    private static readonly double[] Milliseconds = [.. EventStages.Buckets.Select(seconds => 1000 * seconds)];

    /// <summary>
    /// Adds what the settings ask for. Call it before the other services, so that <c>/metrics</c> is served from the
    /// beginning of the start to the end of the stop.
    /// </summary>
    /// <param name="builder">The server.</param>
    /// <param name="options">The settings.</param>
    /// <param name="role">The role of the server, an attribute of all that it sends.</param>
    public static void AddTelemetry(this WebApplicationBuilder builder, TelemetryOptions options, string role)
    {
        var sends = options.SendsMetrics || options.IsScraped;
        if (!sends && !options.SendsTraces)
        {
            return;
        }

        builder.Services.AddSingleton(options);
        var telemetry = builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => Describe(resource, builder.Configuration, role));
        if (sends)
        {
            telemetry.WithMetrics(metrics => AddMetrics(metrics, options));
            builder.Services.AddHostedService<MetricsEndpoint>();
        }

        if (options.SendsTraces)
        {
            telemetry.WithTracing(traces => AddTraces(traces, options));
        }
    }

    private static void Describe(ResourceBuilder resource, IConfiguration configuration, string role) => resource
        .AddService(
            configuration["OTEL_SERVICE_NAME"] is { Length: > 0 } name ? name : "orders-actors",
            serviceVersion: typeof(TelemetryHosting).Assembly
                .GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion)
        .AddAttributes([new("orders_actors.role", role)]);

    private static void AddMetrics(MeterProviderBuilder metrics, TelemetryOptions options)
    {
        metrics.AddMeter(Meters);
        foreach (var name in Unbounded)
        {
            metrics.AddView(name, MetricStreamConfiguration.Drop);
        }

        // Orleans measures milliseconds, and gives no buckets on every runtime.
        metrics.AddView(static instrument => instrument is { Unit: "ms", Meter.Name: "Microsoft.Orleans" }
            ? new ExplicitBucketHistogramConfiguration { Boundaries = Milliseconds }
            : null);
        if (options.IsScraped)
        {
            metrics.AddPrometheusExporter();
        }

        if (options.SendsMetrics)
        {
            metrics.AddOtlpExporter(otlp => SetEndpoint(otlp, options.MetricsEndpoint));
        }
    }

    private static void AddTraces(TracerProviderBuilder traces, TelemetryOptions options) => traces
        .SetSampler(new ParentBasedSampler(new TraceIdRatioBasedSampler(options.TraceRatio)))
        .AddSource(EventTraces.SourceName)
        // Only requests that publish: a connection's request lasts as long as the connection.
        .AddAspNetCoreInstrumentation(http => http.Filter = static context =>
            HttpMethods.IsPost(context.Request.Method) && context.Request.Path.StartsWithSegments("/v1"))
        .AddOtlpExporter(otlp => SetEndpoint(otlp, options.TracesEndpoint));

    // The exporter itself reads only the variables that are common to metrics and traces.
    private static void SetEndpoint(OtlpExporterOptions otlp, Uri? endpoint)
    {
        if (endpoint is not null)
        {
            otlp.Endpoint = endpoint;
        }
    }
}
