using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrdersActors.Storage.EventLog;

namespace OrdersActors.Storage.Retention;

/// <summary>
/// Removes the events that <see cref="RetentionOptions"/> describes, in passes of small batches. After each batch it
/// pauses for as long as the batch took, so appends always have at least half of the log's time.
/// </summary>
internal sealed partial class RetentionService(
    IEventLog log, IOptions<RetentionOptions> options, TimeProvider time, ILogger<RetentionService> logger)
    : BackgroundService
{
    private readonly Outage _outage = new();

    // Only the loop uses it.
    private string? _doubt;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.Interval, time);
        do
        {
            try
            {
                await RunPassAsync(stoppingToken);
                ReportSuccess();
            }
            catch (Exception) when (stoppingToken.IsCancellationRequested)
            {
                // The pass was cancelled, or failed at that moment. The loop ends.
            }
            catch (Exception e)
            {
                ReportFailure(e);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false));
    }

    private async Task RunPassAsync(CancellationToken cancellationToken)
    {
        var removed = 0L;
        DateTimeOffset? oldestKept = null;
        TrimResult batch;
        do
        {
            var start = time.GetTimestamp();
            batch = await log.TrimAsync(options.Value.Limits, cancellationToken);
            OrderMetrics.CountTrimmed(batch.Removed);
            removed += batch.Removed;
            oldestKept = batch.OldestKept ?? oldestKept;
            if (batch.IsMore)
            {
                await Task.Delay(time.GetElapsedTime(start), time, cancellationToken);
            }
        }
        while (batch.IsMore);

        if (removed > 0)
        {
            LogRemoved(removed, oldestKept);
        }

        ReportUntrustedClock(batch.UntrustedClock);
    }

    // Logged only on a change, not in every pass, because the numbers in the text change all the time.
    private void ReportUntrustedClock(string? doubt)
    {
        if (doubt is not null && _doubt is null)
        {
            LogClockUntrusted(doubt);
        }
        else if (doubt is null && _doubt is not null)
        {
            LogClockTrusted();
        }

        _doubt = doubt;
    }

    private void ReportSuccess()
    {
        if (_outage.Succeed() is not null)
        {
            LogRemovingAgain();
        }
    }

    private void ReportFailure(Exception exception)
    {
        if (!_outage.Fail())
        {
            return;
        }

        if (exception is EventLogUnavailableException)
        {
            LogUnavailable(exception.Message, options.Value.Interval);
        }
        else
        {
            LogFailed(exception, options.Value.Interval);
        }
    }

    [LoggerMessage(1010, LogLevel.Warning,
        "Old events could not be removed: {Reason}. They are kept; removal is retried every {Interval} until it " +
        "succeeds")]
    private partial void LogUnavailable(string reason, TimeSpan interval);

    [LoggerMessage(1011, LogLevel.Error,
        "Removing old events failed. They are kept; removal is retried every {Interval} until it succeeds")]
    private partial void LogFailed(Exception exception, TimeSpan interval);

    [LoggerMessage(1012, LogLevel.Information, "Old events are being removed again")]
    private partial void LogRemovingAgain();

    [LoggerMessage(1013, LogLevel.Warning,
        "Events are not removed by age: {Reason}. They are kept until then; limits by number still apply")]
    private partial void LogClockUntrusted(string reason);

    [LoggerMessage(1014, LogLevel.Information,
        "Events are removed by age again: the server's clock agrees with the log")]
    private partial void LogClockTrusted();

    [LoggerMessage(1015, LogLevel.Information,
        "Removed {Count} old events; the oldest event that is kept occurred at {OldestKept:O}")]
    private partial void LogRemoved(long count, DateTimeOffset? oldestKept);
}
