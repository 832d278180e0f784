using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using OrdersActors.Server.Hosting;
using OrdersActors.Storage;

namespace OrdersActors.Tests.Server.Hosting;

public sealed class HealthDetailsTests
{
    [Theory]
    [InlineData("", "", false)]
    [InlineData("", "*/*", false)]
    [InlineData("", "text/html", false)]
    [InlineData("?details", "", true)]
    [InlineData("", "application/json", true)]
    [InlineData("", "text/html, application/json;q=0.5", true)]
    [InlineData("", "no media type", false)]
    public void Details_are_written_only_when_asked_for(string query, string accept, bool areWanted)
    {
        var request = new DefaultHttpContext().Request;
        request.QueryString = new QueryString(query);
        request.Headers.Accept = accept;
        Assert.Equal(areWanted, HealthDetails.AreWanted(request));
    }

    [Fact]
    public void Checks_facts_and_lags_are_listed()
    {
        var report = Report(new()
        {
            ["log"] = Check(null, new() { ["storage"] = "SQLite, schema 6", ["listening"] = true }),
            ["cluster"] = Check("no silo answers", new() { ["active_silos"] = 0 }),
        });
        using var json = JsonDocument.Parse(HealthDetails.Format(
            report, isDraining: true, [new PartitionState(0, 12, 5), new PartitionState(1, 9, 9)]));
        using var expected = JsonDocument.Parse(
            """
            {
              "status": "not_ready",
              "draining": true,
              "checks": {
                "log": { "ok": true, "storage": "SQLite, schema 6", "listening": true },
                "cluster": { "ok": false, "reason": "no silo answers", "active_silos": 0 }
              },
              "largest_lag": 7,
              "partitions": [
                { "partition": 0, "checkpoint": 5, "newest": 12, "lag": 7 },
                { "partition": 1, "checkpoint": 9, "newest": 9, "lag": 0 }
              ]
            }
            """);
        Assert.True(
            JsonElement.DeepEquals(expected.RootElement, json.RootElement), json.RootElement.ToString());
    }

    [Fact]
    public void Front_end_without_a_log_lists_no_partitions() =>
        Assert.Equal(
            """{"status":"ready","draining":false,"checks":{}}""",
            Encoding.UTF8.GetString(HealthDetails.Format(Report([]), isDraining: false, partitions: null)));

    private static HealthReport Report(Dictionary<string, HealthReportEntry> entries) => new(entries, TimeSpan.Zero);

    private static HealthReportEntry Check(string? problem, Dictionary<string, object> facts) => new(
        problem is null ? HealthStatus.Healthy : HealthStatus.Unhealthy, problem, TimeSpan.Zero, null, facts);
}
