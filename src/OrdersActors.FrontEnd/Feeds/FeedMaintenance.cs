using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace OrdersActors.FrontEnd.Feeds;

/// <summary>
/// Renews registrations before their leases end, and retires feeds that have had no listener for a while. It checks all
/// feeds every second, which takes about a millisecond for 100,000 feeds. When the front end stops, it ends all feeds.
/// </summary>
/// <remarks>
/// The feeds that are due in one second form a round. A round waits for its calls, and a call to an unresponsive silo
/// takes up to ten seconds, so rounds overlap. A feed is in one round at a time.
/// </remarks>
internal sealed partial class FeedMaintenance(
    FeedHub hub, IOptions<FrontEndOptions> options, TimeProvider time, ILogger<FeedMaintenance> logger)
    : BackgroundService
{
    // The number of concurrent renewals. At 10,000 renewals per second and one millisecond per renewal, ten are in
    // progress.
    private const int Parallelism = 64;

    // A call ends within ten seconds, and a round of 100,000 feeds takes about as long.
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
            await hub.StopAsync();
        }
    }

    /// <summary>Runs one round. Never fails.</summary>
    private Task MaintainAsync(CancellationToken stopping)
    {
        var now = time.GetTimestamp();
        var table = hub.Current;
        var due = table.Feeds
            .Where(feed => (IsDue(feed, now) || IsIdle(feed, now)) && _inRound.TryAdd(feed, 0)).ToArray();
        return Parallel.ForEachAsync(
            due,
            new ParallelOptions { MaxDegreeOfParallelism = Parallelism },
            async (feed, _) => await MaintainAsync(table, feed, now, stopping));
    }

    private async Task MaintainAsync(FeedTable table, Feed feed, long now, CancellationToken stopping)
    {
        try
        {
            // When the server stops, the leases expire without a call.
            if (!stopping.IsCancellationRequested)
            {
                await (IsIdle(feed, now) ? table.RetireAsync(feed) : table.RenewAsync(feed));
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

    [LoggerMessage(1305, LogLevel.Error, "The maintenance of a feed's registration failed. Retrying in a second")]
    private partial void LogFailed(Exception exception);
}
