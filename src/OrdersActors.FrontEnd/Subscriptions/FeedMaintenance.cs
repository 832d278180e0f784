using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace OrdersActors.FrontEnd.Subscriptions;

/// <summary>
/// Renews registrations before their leases end, and retires feeds that nobody has watched for a while. Looks every
/// second; a look at 100,000 feeds takes about a millisecond.
/// </summary>
internal sealed partial class FeedMaintenance(
    FeedHub hub, IOptions<FrontEndOptions> options, TimeProvider time, ILogger<FeedMaintenance> logger) : BackgroundService
{
    // Renewals in flight at once: enough to hide a millisecond of latency each at 10,000 renewals a second.
    private const int Parallelism = 64;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), time);
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
        {
            try
            {
                await MaintainAsync(stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(e);
            }
        }
    }

    private Task MaintainAsync(CancellationToken cancellationToken)
    {
        var now = time.GetTimestamp();
        var due = hub.Feeds.Where(feed => IsDue(feed, now) || IsIdle(feed, now)).ToArray();
        return Parallel.ForEachAsync(
            due,
            new ParallelOptions { MaxDegreeOfParallelism = Parallelism, CancellationToken = cancellationToken },
            async (feed, _) => await (IsIdle(feed, now) ? feed.RetireAsync() : feed.Registration.RenewAsync()));
    }

    private static bool IsDue(Feed feed, long now) => feed.Registration.RenewAt <= now;

    private bool IsIdle(Feed feed, long now) =>
        feed.IdleSince is not 0 and var since && time.GetElapsedTime(since, now) >= options.Value.FeedLinger;

    [LoggerMessage(1305, LogLevel.Error, "Looking after the registrations failed; trying again in a second")]
    private partial void LogFailed(Exception exception);
}
