using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace OrdersActors.Http;

/// <summary>The metrics of the HTTP API, on the meter <see cref="OrderMetrics.MeterName"/>.</summary>
internal static class HttpMetrics
{
    /// <summary>The outcome of a request that was answered without a problem.</summary>
    public const string Ok = "ok";

    /// <summary>The outcome of a request whose client left before the answer.</summary>
    public const string Aborted = "aborted";

    private static readonly Meter Meter = new(OrderMetrics.MeterName);

    private static readonly Counter<long> Requests = Meter.CreateCounter<long>(
        "orders_actors.http_requests", "{request}",
        "Requests to /v1. The tag operation: the name of the endpoint, or other. The tag outcome: ok, aborted, or the "
        + "code of the problem.");

    private static readonly Counter<long> Events = Meter.CreateCounter<long>(
        "orders_actors.http_events_published", "{event}",
        "Events that were published over HTTP. The tag outcome: stored, or repeat if it had been stored before.");

    public static void CountRequest(HttpContext context, string outcome) => Requests.Add(
        1, new KeyValuePair<string, object?>("operation", OperationOf(context)),
        new KeyValuePair<string, object?>("outcome", outcome));

    public static void CountEvents(int stored, int repeats)
    {
        Count(stored, "stored");
        Count(repeats, "repeat");
    }

    /// <summary>Counts 0 for each known tag; see <see cref="MetricZeros"/>.</summary>
    public static void CountZeros()
    {
        Requests.Add(
            0, new KeyValuePair<string, object?>("operation", "publishEvents"),
            new KeyValuePair<string, object?>("outcome", Ok));
        Events.Add(0, new KeyValuePair<string, object?>("outcome", "stored"));
        Events.Add(0, new KeyValuePair<string, object?>("outcome", "repeat"));
    }

    private static void Count(int count, string outcome)
    {
        if (count > 0)
        {
            Events.Add(count, new KeyValuePair<string, object?>("outcome", outcome));
        }
    }

    private static string OperationOf(HttpContext context) =>
        context.GetEndpoint()?.Metadata.GetMetadata<IEndpointNameMetadata>()?.EndpointName ?? "other";
}
