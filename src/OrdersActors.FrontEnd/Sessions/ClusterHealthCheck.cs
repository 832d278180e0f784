using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace OrdersActors.FrontEnd.Sessions;

/// <summary>
/// Reports whether the front end can serve clients: it reaches the silos, and they reach the event log.
/// </summary>
internal sealed class ClusterHealthCheck(ClusterContact contact) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(
            !contact.HasSilos ? HealthCheckResult.Unhealthy("no silo answers")
            : !contact.HasLog ? HealthCheckResult.Unhealthy("the silos cannot reach the event log", data: Facts)
            : HealthCheckResult.Healthy(data: Facts));

    private Dictionary<string, object> Facts => new() { ["active_silos"] = contact.SiloCount };
}
