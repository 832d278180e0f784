using Microsoft.Extensions.Options;
using OrdersActors.FrontEnd.Limits;
using OrdersActors.Http.Problems;

namespace OrdersActors.Http.Limits;

/// <summary>
/// Limits how many events each organization may publish over HTTP on this server
/// (<see cref="HttpOptions.PublishRatePerOrganization"/>).
/// </summary>
/// <remarks>
/// A request is admitted while the organization has any budget left, and may overdraw it, so that a request with many
/// events is possible whatever the burst. The budget then takes longer to refill, so the average holds. Memory is
/// bounded (<see cref="BudgetTable{TKey}"/>). Thread-safe.
/// </remarks>
internal sealed class PublishQuota(IOptions<HttpOptions> options, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly int _rate = options.Value.PublishRatePerOrganization;
    private readonly BudgetTable<string> _organizations = new(
        options.Value.PublishBurstPerOrganization, Math.Max(1, options.Value.PublishRatePerOrganization), time);

    /// <summary>Counts events before they are published.</summary>
    /// <exception cref="ProblemException">429: the organization has used up its quota. Nothing is counted.</exception>
    public void Take(string organizationId, int events)
    {
        if (_rate == 0)
        {
            return;
        }

        TimeSpan wait;
        lock (_lock)
        {
            wait = _organizations.GetWait(organizationId);
            if (wait == TimeSpan.Zero)
            {
                _organizations.Spend(organizationId, events);
            }
        }

        if (wait > TimeSpan.Zero)
        {
            throw new ProblemException(
                429, ProblemCode.RateLimited, $"the organization may publish {_rate} events per second; try later")
            {
                RetryAfter = wait,
            };
        }
    }
}
