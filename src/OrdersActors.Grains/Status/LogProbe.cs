using Microsoft.Extensions.Hosting;
using OrdersActors.Storage;

namespace OrdersActors.Grains.Status;

/// <summary>
/// Reads one checkpoint from the event log every second, so that this silo notices within a few seconds that the log is
/// unavailable. It also notices a log that hangs instead of failing, because a read that has not returned is not a
/// success.
/// </summary>
/// <remarks>
/// At most one read is in progress. <see cref="IsAvailable"/> may be called from any thread. Only the probe writes the
/// timestamp, with a volatile 64-bit write, which is atomic.
/// </remarks>
public sealed class LogProbe(IEventLog log, TimeProvider time) : BackgroundService
{
    private long _succeededAt = time.GetTimestamp();

    /// <summary>Whether the log has answered within <see cref="Deadlines.LogProbeMaxAge"/>.</summary>
    public bool IsAvailable => time.GetElapsedTime(Volatile.Read(ref _succeededAt)) <= Deadlines.LogProbeMaxAge;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Deadlines.LogProbeInterval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
        {
            try
            {
                await log.GetCheckpointAsync(0, stoppingToken);
                Volatile.Write(ref _succeededAt, time.GetTimestamp());
            }
            catch (Exception)
            {
                // The age of the last success is the only result. Callers that need the log report the reason.
            }
        }
    }
}
