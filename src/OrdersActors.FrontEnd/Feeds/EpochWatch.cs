using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace OrdersActors.FrontEnd.Feeds;

/// <summary>
/// Polls the cluster for the epoch of the log: every second, and soon after an event or answer of another epoch has
/// arrived. Only one poll is in progress at a time, so the answers come in the order of the polls.
/// </summary>
/// <remarks>
/// Each poll names the epoch that this front end follows. A silo that does not know that epoch may be behind, so it
/// waits for its own log before it answers. So a slow silo does not lead back to an epoch that has ended. A silo of a
/// previous version cannot answer. Then the epoch is unknown, nothing changes, and the polls become less frequent.
/// </remarks>
internal sealed partial class EpochWatch(
    IGrainFactory grains, FeedHub hub, TimeProvider time, ILogger<EpochWatch> logger) : BackgroundService
{
    private static readonly TimeSpan LongestInterval = TimeSpan.FromSeconds(10);

    // While silos disagree, every event may trigger a poll.
    private static readonly TimeSpan ShortestInterval = TimeSpan.FromMilliseconds(100);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var backOff = new RetryBackoff(2 * Deadlines.EpochPoll, LongestInterval);
        var interval = Deadlines.EpochPoll;
        while (true)
        {
            await Task.Delay(ShortestInterval, time, stoppingToken);
            await hub.OtherEpochSeen.WaitAsync(interval - ShortestInterval, time, stoppingToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            stoppingToken.ThrowIfCancellationRequested();
            if (await PollAsync(stoppingToken))
            {
                backOff.Reset();
                interval = Deadlines.EpochPoll;
            }
            else
            {
                interval = backOff.Next();
            }
        }
    }

    /// <summary>Polls once. Returns false if no answer came. Never fails.</summary>
    private async Task<bool> PollAsync(CancellationToken cancellationToken)
    {
        try
        {
            var cluster = grains.Find<IClusterGrain>(0);
            await hub.FollowAsync(
                await cluster.GetEpoch(hub.Current.History.Epoch).WaitAsync(cancellationToken));
            return true;
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            // The poll was cancelled, or this server's silo has stopped already.
            return false;
        }
        catch (Exception e)
        {
            // The silo may be of a previous version, or may have died.
            LogNotAnswered(e.Message);
            return false;
        }
    }

    [LoggerMessage(1308, LogLevel.Debug,
        "The cluster did not report the epoch of the event log: {Reason}. Retrying within ten seconds")]
    private partial void LogNotAnswered(string reason);
}
