using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrdersActors.Storage;

namespace OrdersActors.Grains.Authentication;

/// <summary>
/// Stores the last uses of keys at intervals, and when the silo stops. So a key costs at most one write per interval
/// and silo, and an authentication none. A crash loses at most the uses of one interval.
/// </summary>
internal sealed partial class KeyUseWriter(
    KeyUses uses, IApiKeyStore store, IOptions<AuthenticationOptions> options, TimeProvider time,
    ILogger<KeyUseWriter> logger) : BackgroundService
{
    // A statement that writes so many rows takes a few milliseconds. With SQLite, appends wait for it.
    private const int UsesPerWrite = 200;

    // Only one write is in progress: by the loop, or after the loop has ended by the stop.
    private bool _isFailing;

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        using var timeout = new CancellationTokenSource(Deadlines.StopKeyUses, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        await WriteAsync(either.Token, CancellationToken.None);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.KeyUseInterval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
        {
            await WriteAsync(stoppingToken, stoppingToken);
        }
    }

    /// <summary>Stores all uses. Never fails.</summary>
    private async Task WriteAsync(CancellationToken cancellationToken, CancellationToken stopping)
    {
        try
        {
            foreach (var part in uses.Snapshot().Chunk(UsesPerWrite))
            {
                await store.RecordUsesAsync(part, cancellationToken).WaitAsync(cancellationToken);
                uses.Forget(part);
            }

            if (_isFailing)
            {
                _isFailing = false;
                LogWrittenAgain();
            }
        }
        catch (Exception) when (stopping.IsCancellationRequested)
        {
            // The stop writes once more.
        }
        catch (Exception e)
        {
            ReportFailure(e);
        }
    }

    private void ReportFailure(Exception exception)
    {
        if (_isFailing)
        {
            return;
        }

        _isFailing = true;
        if (exception is EventLogUnavailableException or OperationCanceledException)
        {
            LogUnavailable(exception.Message, options.Value.KeyUseInterval);
        }
        else
        {
            LogFailed(exception, options.Value.KeyUseInterval);
        }
    }

    [LoggerMessage(1251, LogLevel.Warning,
        "The last uses of API keys could not be stored: {Reason}. Authentication is not affected; 'keys list' shows " +
        "older times. Retrying every {Interval}")]
    private partial void LogUnavailable(string reason, TimeSpan interval);

    [LoggerMessage(1252, LogLevel.Error,
        "Storing the last uses of API keys failed. Authentication is not affected; 'keys list' shows older times. " +
        "Retrying every {Interval}")]
    private partial void LogFailed(Exception exception, TimeSpan interval);

    [LoggerMessage(1253, LogLevel.Information, "The last uses of API keys are being stored again")]
    private partial void LogWrittenAgain();
}
