using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace OrdersActors.Storage.Retention;

/// <summary>
/// Removes what <see cref="RetentionOptions"/> says, pass by pass, a small batch at a time. After each batch it rests as long as
/// the batch took, so appends always have at least half of the log.
/// </summary>
internal sealed partial class RetentionService(
    IEventLog log, IOptions<RetentionOptions> options, TimeProvider time, ILogger<RetentionService> logger) : BackgroundService
{
    private bool _isFailing;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.Interval, time);
        do
        {
            try
            {
                await RunPassAsync(stoppingToken);
                Succeeded();
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                Failed(e);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false));
    }

    private async Task RunPassAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var start = time.GetTimestamp();
            if (!await log.TrimAsync(options.Value.Limits, cancellationToken))
            {
                return;
            }

            await Task.Delay(time.GetElapsedTime(start), time, cancellationToken);
        }
    }

    private void Succeeded()
    {
        if (_isFailing)
        {
            _isFailing = false;
            LogRemovingAgain();
        }
    }

    // Said once: while the disk is full, every pass would say the same.
    private void Failed(Exception exception)
    {
        if (_isFailing)
        {
            return;
        }

        _isFailing = true;
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
        "Old events could not be removed: {Reason}; they stay, and removing is tried again every {Interval} until it succeeds")]
    private partial void LogUnavailable(string reason, TimeSpan interval);

    [LoggerMessage(1011, LogLevel.Error,
        "Removing old events failed; they stay, and removing is tried again every {Interval} until it succeeds")]
    private partial void LogFailed(Exception exception, TimeSpan interval);

    [LoggerMessage(1012, LogLevel.Information, "Old events are being removed again")]
    private partial void LogRemovingAgain();
}
