using System.Text.Json;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Net.Http.Headers;
using OrdersActors.Storage;

namespace OrdersActors.Server.Hosting;

/// <summary>
/// The answer of <c>/healthz/ready</c> for operators, as JSON: each check with its facts, and the lag of each
/// partition. It contains no address, no name of an organization and no secret, because everybody who can connect can
/// read it.
/// </summary>
internal static class HealthDetails
{
    /// <summary>
    /// Whether a request asks for the details: with <c>?details</c>, or by accepting <c>application/json</c>. Load
    /// balancers do neither.
    /// </summary>
    public static bool AreWanted(HttpRequest request) =>
        request.Query.ContainsKey("details")
        || (MediaTypeHeaderValue.TryParseList(request.Headers.Accept, out var accepted)
            && accepted.Any(type => type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase)));

    public static async Task WriteAsync(HttpContext context, HealthReport report)
    {
        var services = context.RequestServices;
        var partitions = services.GetService<PartitionLags>() is { } lags ? await lags.ReadAsync() : null;
        var stopping = services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        context.Response.ContentType = "application/json";
        await context.Response.Body.WriteAsync(
            Format(report, stopping.IsCancellationRequested, partitions), context.RequestAborted);
    }

    /// <param name="report">The checks.</param>
    /// <param name="isDraining">Whether the server is stopping.</param>
    /// <param name="partitions">
    /// The partitions of the log by number; empty if the log did not answer in time; null if the server has no log.
    /// </param>
    public static byte[] Format(HealthReport report, bool isDraining, IReadOnlyList<PartitionState>? partitions)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("status", report.Status == HealthStatus.Unhealthy ? "not_ready" : "ready");
            json.WriteBoolean("draining", isDraining);
            json.WriteStartObject("checks");
            foreach (var (name, check) in report.Entries)
            {
                Write(json, name, check);
            }

            json.WriteEndObject();
            if (partitions is not null)
            {
                Write(json, partitions);
            }

            json.WriteEndObject();
        }

        return buffer.ToArray();
    }

    private static void Write(Utf8JsonWriter json, string name, HealthReportEntry check)
    {
        json.WriteStartObject(name);
        json.WriteBoolean("ok", check.Status != HealthStatus.Unhealthy);
        if (check.Description is not null)
        {
            json.WriteString("reason", check.Description);
        }

        foreach (var (fact, value) in check.Data)
        {
            json.WritePropertyName(fact);
            JsonSerializer.Serialize(json, value, value.GetType());
        }

        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, IReadOnlyList<PartitionState> partitions)
    {
        json.WriteNumber("largest_lag", partitions.Count > 0 ? partitions.Max(partition => partition.Lag) : 0);
        json.WriteStartArray("partitions");
        foreach (var partition in partitions)
        {
            json.WriteStartObject();
            json.WriteNumber("partition", partition.Partition);
            json.WriteNumber("checkpoint", partition.Checkpoint);
            json.WriteNumber("newest", partition.Position);
            json.WriteNumber("lag", partition.Lag);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
