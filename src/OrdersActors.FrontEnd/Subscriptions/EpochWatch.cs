using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace OrdersActors.FrontEnd.Subscriptions;

/// <summary>
/// Asks the cluster for the epoch of the log: every second, and soon after something of another epoch has come. One
/// question is under way at a time, so answers come in the order of the questions.
/// </summary>
/// <remarks>
/// The question names the epoch that this front end follows. A silo that does not know it may be behind; it waits for
/// its own log before it answers. So a slow silo does not lead back to an epoch that has ended.
/// Silos of a previous version cannot answer. Then the epoch is unknown, nothing changes, and the questions become
/// rarer.
/// </remarks>
internal sealed partial class EpochWatch(
    IGrainFactory grains, FeedHub hub, TimeProvider time, ILogger<EpochWatch> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan LongestInterval = TimeSpan.FromSeconds(10);

    // Between silos that disagree every event may be a reason to ask.
    private static readonly TimeSpan ShortestInterval = TimeSpan.FromMilliseconds(100);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var interval = Interval;
        while (true)
        {
            await Task.Delay(ShortestInterval, time, stoppingToken);
            await hub.OtherEpochSeen.WaitAsync(interval - ShortestInterval, time, stoppingToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            stoppingToken.ThrowIfCancellationRequested();
            interval = await AskAsync(stoppingToken) ? Interval
                : interval * 2 < LongestInterval ? interval * 2
                : LongestInterval;
        }
    }

    /// <summary>Asks once. False if there was no answer. Does not fail, unless it is cancelled.</summary>
    private async Task<bool> AskAsync(CancellationToken cancellationToken)
    {
        try
        {
            var cluster = grains.GetGrain<IClusterGrain>(0);
            hub.Follow(await cluster.GetEpoch(hub.History.Epoch).WaitAsync(cancellationToken));
            return true;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            // The silo that was asked may be of a previous version, or have died.
            LogNotAnswered(e.Message);
            return false;
        }
    }

    [LoggerMessage(1308, LogLevel.Debug,
        "The cluster could not be asked for the epoch of the event log: {Reason}; asking again in some seconds")]
    private partial void LogNotAnswered(string reason);
}
