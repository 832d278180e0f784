using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace OrdersActors.FrontEnd.Subscriptions;

/// <summary>
/// Notices that a silo has gone, and registers every feed again at once: its grain may have been there. Renewing does it, and
/// shows what was missed; the feeds whose grains are elsewhere lose nothing by it. The lease is the net below.
/// </summary>
/// <remarks>Asks every second. Inside a silo that is a call that leaves no process.</remarks>
internal sealed partial class SiloWatch(IGrainFactory grains, FeedHub hub, TimeProvider time, ILogger<SiloWatch> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    // Spread so that a hundred thousand registrations do not stampede.
    private static readonly TimeSpan RegisterAgainWithin = TimeSpan.FromSeconds(1);

    private string[] _known = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
        {
            try
            {
                Compare(await grains.GetGrain<IClusterGrain>(0).GetSilos());
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                // The silo that was asked may be the one that died; the next one tells.
                LogNotAnswered(e.Message);
            }
        }
    }

    private void Compare(string[] silos)
    {
        var gone = _known.Except(silos).ToArray();
        _known = silos;
        if (gone.Length == 0)
        {
            return;
        }

        var feeds = hub.Feeds;
        LogGone(string.Join(", ", gone), feeds.Count);
        foreach (var feed in feeds)
        {
            feed.Registration.RenewSoon(RegisterAgainWithin);
        }
    }

    [LoggerMessage(1306, LogLevel.Information, "Silo {Silos} has gone; {Count} feeds register again and read what they missed")]
    private partial void LogGone(string silos, int count);

    [LoggerMessage(1307, LogLevel.Debug, "The cluster could not be asked for its silos: {Reason}; asking again in a second")]
    private partial void LogNotAnswered(string reason);
}
