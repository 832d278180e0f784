using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using OrdersActors.FrontEnd;
using OrdersActors.Grains.Status;

namespace OrdersActors.Server.Hosting;

/// <summary>
/// <c>/healthz/live</c> answers as long as the process responds. <c>/healthz/ready</c> answers 200 while the server can
/// serve. It answers 503 and the reason if the server is stopping, its silo cannot reach the event log, or its front
/// end cannot reach any silo. An outage shows within five seconds.
/// </summary>
internal static class Readiness
{
    public static void AddReadiness(this IServiceCollection services, ServerRole role)
    {
        var checks = services.AddHealthChecks()
            .AddCheck<StoppingCheck>("stopping", tags: [FrontEndHosting.ReadinessTag]);
        if (role != ServerRole.FrontEnd)
        {
            checks.AddCheck<LogCheck>("log", tags: [FrontEndHosting.ReadinessTag]);
        }
    }

    public static void MapReadiness(this WebApplication app)
    {
        app.MapHealthChecks("/healthz/live", new HealthCheckOptions { Predicate = _ => false });
        app.MapHealthChecks("/healthz/ready", new HealthCheckOptions
        {
            Predicate = check => check.Tags.Contains(FrontEndHosting.ReadinessTag),
            ResponseWriter = static (context, report) => context.Response.WriteAsync(
                string.Concat(report.Entries.Select(entry => $"{entry.Key}: {entry.Value.Description ?? "ok"}\n")),
                context.RequestAborted),
        });
    }

    private sealed class StoppingCheck(IHostApplicationLifetime lifetime) : IHealthCheck
    {
        public Task<HealthCheckResult> CheckHealthAsync(
            HealthCheckContext context, CancellationToken cancellationToken = default) =>
            Task.FromResult(lifetime.ApplicationStopping.IsCancellationRequested
                ? HealthCheckResult.Unhealthy("the server is stopping")
                : HealthCheckResult.Healthy());
    }

    private sealed class LogCheck(LogProbe probe) : IHealthCheck
    {
        public Task<HealthCheckResult> CheckHealthAsync(
            HealthCheckContext context, CancellationToken cancellationToken = default) =>
            Task.FromResult(probe.IsAvailable
                ? HealthCheckResult.Healthy()
                : HealthCheckResult.Unhealthy("the event log does not answer"));
    }
}
