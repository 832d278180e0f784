using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace OrdersActors.FrontEnd.Feeds;

/// <summary>
/// Notices that a silo has left, and registers every feed again at once, because its grain may have been on that silo.
/// The renewal also shows which events were missed. Feeds whose grains are on other silos lose nothing by it. If the
/// watch misses a loss, the feed registers again at its next renewal.
/// </summary>
/// <remarks>Polls every second. Inside a silo, the call does not leave the process.</remarks>
internal sealed partial class SiloWatch(
    IGrainFactory grains, FeedHub hub, TimeProvider time, ILogger<SiloWatch> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    // Registrations are spread over this time, so that 100,000 of them do not overload the silos.
    private static readonly TimeSpan RegisterAgainWithin = TimeSpan.FromSeconds(1);

    private string[] _known = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
        {
            try
            {
                Update(await grains.Find<IClusterGrain>(0).GetSilos());
            }
            catch (Exception) when (stoppingToken.IsCancellationRequested)
            {
                // This server's silo may have stopped already. The loop ends.
            }
            catch (Exception e)
            {
                // The silo may be the one that died. The next poll retries.
                LogNotAnswered(e.Message);
            }
        }
    }

    private void Update(string[] silos)
    {
        var gone = _known.Except(silos).ToArray();
        _known = silos;
        if (gone.Length == 0)
        {
            return;
        }

        var feeds = hub.Current.Feeds;
        LogGone(string.Join(", ", gone), feeds.Count);
        foreach (var feed in feeds)
        {
            feed.Registration.RenewSoon(RegisterAgainWithin);
        }
    }

    [LoggerMessage(1306, LogLevel.Information,
        "Silo {Silos} has left the cluster. {Count} feeds register again and read the events that they missed")]
    private partial void LogGone(string silos, int count);

    [LoggerMessage(1307, LogLevel.Debug, "The cluster did not report its silos: {Reason}. Retrying in a second")]
    private partial void LogNotAnswered(string reason);
}
