using Microsoft.Extensions.Hosting;
using OrdersActors.Storage;

namespace OrdersActors.Grains.Cluster;

/// <summary>
/// Reads a little from the event log once a second, so that this silo knows within a few seconds that the log is away: also when it
/// hangs instead of refusing, because a read that has not returned is not a success.
/// </summary>
/// <remarks>
/// One read is under way at a time. <see cref="IsAvailable"/> may be read from any thread; the timestamp is written by the probe only,
/// and 64 bits are written at once.
/// </remarks>
public sealed class LogProbe(IEventLog log, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How old the last success may be: one interval, and two seconds for a read on a busy machine. Readiness reports an outage
    /// within five seconds, of which the front end's own poll takes one.
    /// </summary>
    private static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(3);

    private long _succeededAt = time.GetTimestamp();

    /// <summary>Whether the log has answered within the last three seconds.</summary>
    public bool IsAvailable => time.GetElapsedTime(Volatile.Read(ref _succeededAt)) <= MaxAge;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
        {
            try
            {
                await log.GetCheckpointAsync(0, stoppingToken);
                Volatile.Write(ref _succeededAt, time.GetTimestamp());
            }
            catch (EventLogUnavailableException)
            {
                // The age of the last success is the whole result; who needs the log reports the reason.
            }
        }
    }
}
