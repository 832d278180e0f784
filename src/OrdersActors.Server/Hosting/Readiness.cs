using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using OrdersActors.FrontEnd;
using OrdersActors.Grains.Status;
using OrdersActors.Storage;

namespace OrdersActors.Server.Hosting;

/// <summary>The health checks of a server, for load balancers, supervisors and operators.</summary>
/// <remarks>
/// <list type="bullet">
/// <item><c>/healthz/live</c> answers as long as the process responds. Only a restart helps a process that does
/// not.</item>
/// <item><c>/healthz/startup</c> answers 200 when all parts of the server have started. A front end that waits for a
/// silo has started, because a restart would not help it.</item>
/// <item><c>/healthz/ready</c> answers 200 while the server can serve. It answers 503 and the reason if the server is
/// stopping, its silo cannot reach the event log or is not a member, or its front end cannot reach any silo. An outage
/// shows within five seconds. <see cref="HealthDetails"/> has more for operators.</item>
/// </list>
/// </remarks>
internal static class Readiness
{
    private const string StartupTag = "startup";

    public static void AddReadiness(this IServiceCollection services, ServerRole role)
    {
        string[] ready = [FrontEndHosting.ReadinessTag];
        var checks = services.AddHealthChecks().AddCheck<StoppingCheck>("stopping", tags: ready);
        if (role != ServerRole.FrontEnd)
        {
            checks.AddCheck<LogCheck>("log", tags: ready);
            checks.AddCheck<MembershipCheck>("membership", tags: ready);
            checks.AddCheck<StartedCheck>("started", tags: [StartupTag]);
            services.AddSingleton<PartitionLags>();
        }
    }

    public static void MapReadiness(this WebApplication app)
    {
        app.MapHealthChecks("/healthz/live", new HealthCheckOptions { Predicate = _ => false });
        app.MapHealthChecks(
            "/healthz/startup", new HealthCheckOptions { Predicate = check => check.Tags.Contains(StartupTag) });
        app.MapHealthChecks("/healthz/ready", new HealthCheckOptions
        {
            Predicate = IsReadiness,
            ResponseWriter = static (context, report) => HealthDetails.AreWanted(context.Request)
                ? HealthDetails.WriteAsync(context, report)
                : context.Response.WriteAsync(
                    string.Concat(
                        report.Entries.Select(entry => $"{entry.Key}: {entry.Value.Description ?? "ok"}\n")),
                    context.RequestAborted),
        });
    }

    /// <summary>Whether a check decides whether the server is ready.</summary>
    public static bool IsReadiness(HealthCheckRegistration check) => check.Tags.Contains(FrontEndHosting.ReadinessTag);

    private sealed class StoppingCheck(IHostApplicationLifetime lifetime) : IHealthCheck
    {
        public Task<HealthCheckResult> CheckHealthAsync(
            HealthCheckContext context, CancellationToken cancellationToken = default) =>
            Task.FromResult(lifetime.ApplicationStopping.IsCancellationRequested
                ? HealthCheckResult.Unhealthy("the server is stopping")
                : HealthCheckResult.Healthy());
    }

    private sealed class StartedCheck(IHostApplicationLifetime lifetime) : IHealthCheck
    {
        public Task<HealthCheckResult> CheckHealthAsync(
            HealthCheckContext context, CancellationToken cancellationToken = default) =>
            Task.FromResult(lifetime.ApplicationStarted.IsCancellationRequested
                ? HealthCheckResult.Healthy()
                : HealthCheckResult.Unhealthy("the server is starting"));
    }

    private sealed class LogCheck(LogProbe probe, IEventLog log) : IHealthCheck
    {
        public Task<HealthCheckResult> CheckHealthAsync(
            HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            var data = new Dictionary<string, object> { ["storage"] = log.Storage };
            if (log.IsListening is { } isListening)
            {
                data["listening"] = isListening;
            }

            return Task.FromResult(probe.IsAvailable
                ? HealthCheckResult.Healthy(data: data)
                : HealthCheckResult.Unhealthy("the event log does not answer", data: data));
        }
    }

    private sealed class MembershipCheck(ISiloStatusOracle silos) : IHealthCheck
    {
        public Task<HealthCheckResult> CheckHealthAsync(
            HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            var data = new Dictionary<string, object>
            {
                ["active_silos"] = silos.GetApproximateSiloStatuses(onlyActive: true).Count,
            };
            return Task.FromResult(silos.CurrentStatus == SiloStatus.Active
                ? HealthCheckResult.Healthy(data: data)
                : HealthCheckResult.Unhealthy("the silo is not a member of the cluster", data: data));
        }
    }
}
