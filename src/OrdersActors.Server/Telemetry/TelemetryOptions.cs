using System.ComponentModel.DataAnnotations;
using System.Net;

namespace OrdersActors.Server.Telemetry;

/// <summary>
/// The destinations of a server's metrics and traces. Section <c>OrdersActors:Telemetry</c>. By default there are none.
/// OTLP is configured by OpenTelemetry's own variables, such as <c>OTEL_EXPORTER_OTLP_ENDPOINT</c>.
/// </summary>
internal sealed class TelemetryOptions : IValidatableObject
{
    /// <summary>The name of the section.</summary>
    public const string Section = "OrdersActors:Telemetry";

    /// <summary>The setting of the port, for messages.</summary>
    public const string PortSetting = $"{Section}:PrometheusPort";

    // OTLP is on if one of them is set.
    private const string Both = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private const string OnlyMetrics = "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT";
    private const string OnlyTraces = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";

    private readonly List<string> _problems = [];

    /// <summary>
    /// The port of <c>/metrics</c>, which Prometheus scrapes; 1 to 65535, or 0 for none; default 0. It serves nothing
    /// else, and the ports of clients and publishers do not serve it.
    /// </summary>
    [Range(0, 65535)]
    public int PrometheusPort { get; set; }

    /// <summary>
    /// The address on which <c>/metrics</c> listens; default 127.0.0.1, which is reachable from this machine only. It
    /// has no authentication.
    /// </summary>
    public string PrometheusAddress { get; set; } = "127.0.0.1";

    /// <summary>
    /// The share of the publish calls that are traced if their caller has no trace, 0 to 1; default 0. A call whose
    /// caller has a trace is traced if the caller samples it. Without OTLP nothing is traced.
    /// </summary>
    [Range(0.0, 1.0)]
    public double TraceRatio { get; set; }

    /// <summary>Whether metrics are sent by OTLP.</summary>
    public bool SendsMetrics { get; private set; }

    /// <summary>Whether traces are sent by OTLP.</summary>
    public bool SendsTraces { get; private set; }

    /// <summary>The endpoint for metrics only; null for the common one.</summary>
    public Uri? MetricsEndpoint { get; private set; }

    /// <summary>The endpoint for traces only; null for the common one.</summary>
    public Uri? TracesEndpoint { get; private set; }

    /// <summary>Whether Prometheus scrapes the server.</summary>
    public bool IsScraped => PrometheusPort != 0;

    /// <summary>The address and port of <c>/metrics</c>.</summary>
    public IPEndPoint Prometheus => new(IPAddress.Parse(PrometheusAddress), PrometheusPort);

    /// <summary>Finds out from OpenTelemetry's own settings what is sent by OTLP.</summary>
    public void ReadOtlp(IConfiguration configuration)
    {
        var both = ReadUri(configuration, Both);
        MetricsEndpoint = ReadUri(configuration, OnlyMetrics);
        TracesEndpoint = ReadUri(configuration, OnlyTraces);
        SendsMetrics = (MetricsEndpoint ?? both) is not null;
        SendsTraces = (TracesEndpoint ?? both) is not null;
    }

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (var problem in _problems)
        {
            yield return new ValidationResult(problem);
        }

        if (!IPAddress.TryParse(PrometheusAddress, out _))
        {
            yield return new ValidationResult(
                $"PrometheusAddress must be an IP address of this machine, is '{PrometheusAddress}'");
        }
    }

    private Uri? ReadUri(IConfiguration configuration, string name)
    {
        if (configuration[name] is not { Length: > 0 } text)
        {
            return null;
        }

        if (Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri is { Scheme: "http" or "https" })
        {
            return uri;
        }

        _problems.Add($"{name} must be a URL with http or https, is '{text}'");
        return null;
    }
}
