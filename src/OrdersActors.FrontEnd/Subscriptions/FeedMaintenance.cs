using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace OrdersActors.FrontEnd.Subscriptions;

/// <summary>
/// Renews registrations before their leases end, and retires feeds that nobody has watched for a while. Looks every
/// second; a look at 100,000 feeds takes about a millisecond.
/// </summary>
/// <remarks>
/// Each second's feeds are one round. A round waits for its calls, and a call to an unresponsive silo takes up to ten
/// seconds, so rounds overlap; a feed is in one round at a time.
/// </remarks>
internal sealed partial class FeedMaintenance(
    FeedHub hub, IOptions<FrontEndOptions> options, TimeProvider time, ILogger<FeedMaintenance> logger) : BackgroundService
{
    // Renewals in flight at once: enough to hide a millisecond of latency each at 10,000 renewals a second.
    private const int Parallelism = 64;

    // A call ends after ten seconds at the latest, and a round of a hundred thousand feeds after about as long.
    private const int MaxRounds = 16;

    private readonly ConcurrentDictionary<Feed, byte> _inRound = new();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var rounds = new List<Task>();
        try
        {
            using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), time);
            while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
            {
                rounds.RemoveAll(round => round.IsCompleted);
                if (rounds.Count < MaxRounds)
                {
                    rounds.Add(MaintainAsync(stoppingToken));
                }
            }
        }
        finally
        {
            await Task.WhenAll(rounds);
        }
    }

    /// <summary>One round. Never fails.</summary>
    private Task MaintainAsync(CancellationToken stopping)
    {
        var now = time.GetTimestamp();
        var due = hub.Feeds.Where(feed => (IsDue(feed, now) || IsIdle(feed, now)) && _inRound.TryAdd(feed, 0)).ToArray();
        return Parallel.ForEachAsync(
            due,
            new ParallelOptions { MaxDegreeOfParallelism = Parallelism },
            async (feed, _) => await MaintainAsync(feed, now, stopping));
    }

    private async Task MaintainAsync(Feed feed, long now, CancellationToken stopping)
    {
        try
        {
            // When the server stops, the leases end by themselves.
            if (!stopping.IsCancellationRequested)
            {
                await (IsIdle(feed, now) ? feed.RetireAsync() : feed.Registration.RenewAsync());
            }
        }
        catch (Exception e)
        {
            LogFailed(e);
        }
        finally
        {
            _inRound.TryRemove(feed, out _);
        }
    }

    private static bool IsDue(Feed feed, long now) => feed.Registration.RenewAt <= now;

    private bool IsIdle(Feed feed, long now) =>
        feed.IdleSince is not 0 and var since && time.GetElapsedTime(since, now) >= options.Value.FeedLinger;

    [LoggerMessage(1305, LogLevel.Error, "Looking after the registrations failed; trying again in a second")]
    private partial void LogFailed(Exception exception);
}
