using Microsoft.Extensions.Logging;

namespace OrdersActors.Publishing;

/// <summary>
/// Repeats the attempts of a call until one is answered: with growing delays, for a limited time, and not when the
/// application stops.
/// </summary>
/// <remarks>
/// <para><b>Logs.</b> At most one warning in ten seconds for all calls together; the other retries are logged at
/// Debug.</para>
/// <b>Thread-safe.</b> The calls share only the time of the last warning, which changes atomically.
/// </remarks>
internal sealed partial class PublishRetry(
    TimeSpan retryFor, TimeSpan firstPause, TimeProvider time, ILogger logger, CancellationToken stopping)
{
    private static readonly TimeSpan LongestRetryDelay = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan WarningInterval = TimeSpan.FromSeconds(10);

    private readonly ILogger _logger = logger;
    private long _warnedAt = long.MinValue;

    /// <summary>Runs one call.</summary>
    /// <param name="organizationId">The organization whose events are published.</param>
    /// <param name="stored">The number of events of the caller's list that are stored already.</param>
    /// <param name="attempt">One attempt. It gets the time that is left.</param>
    /// <param name="isTransient">Whether the attempt may succeed later.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="PublishFailedException">No attempt succeeded in time.</exception>
    public async Task<T> RunAsync<T>(
        string organizationId, int stored, Func<TimeSpan, Task<T>> attempt, Func<Exception, bool> isTransient,
        CancellationToken cancellationToken)
    {
        var startedAt = time.GetTimestamp();
        var backoff = new RetryBackoff(firstPause, LongestRetryDelay, jitter: 0.5);
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Exception problem;
            try
            {
                return await attempt(retryFor - time.GetElapsedTime(startedAt));
            }
            catch (Exception e) when (isTransient(e))
            {
                problem = e;
            }

            var atLeast = (problem as ServerBusyException)?.RetryAfter ?? TimeSpan.Zero;
            var most = backoff.Delay > atLeast ? backoff.Delay : atLeast;
            if (time.GetElapsedTime(startedAt) + most > retryFor)
            {
                throw Failed(organizationId, startedAt, stored, problem);
            }

            LogRetry(organizationId, most, problem);
            if (!await WaitAsync(backoff.Next(), atLeast, cancellationToken))
            {
                throw Failed(organizationId, startedAt, stored, problem);
            }
        }
    }

    /// <summary>Waits before a retry. Returns false if the application is stopping.</summary>
    private async Task<bool> WaitAsync(TimeSpan delay, TimeSpan atLeast, CancellationToken cancellationToken)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, stopping);
        await Task.Delay(delay > atLeast ? delay : atLeast, time, ended.Token)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
        return !ended.IsCancellationRequested;
    }

    private PublishFailedException Failed(string organizationId, long startedAt, int stored, Exception problem) =>
        new(
            $"publishing for {organizationId} failed for {time.GetElapsedTime(startedAt).TotalSeconds:0.#} s: "
            + problem.Message + (stored > 0 ? $"; the first {stored} events are stored" : ""),
            problem, stored);

    private void LogRetry(string organizationId, TimeSpan pause, Exception problem)
    {
        var now = time.GetTimestamp();
        var warnedAt = Volatile.Read(ref _warnedAt);
        var isDue = warnedAt == long.MinValue || time.GetElapsedTime(warnedAt, now) >= WarningInterval;
        if (isDue && Interlocked.CompareExchange(ref _warnedAt, now, warnedAt) == warnedAt)
        {
            LogRetry(LogLevel.Warning, null, organizationId, pause, problem.Message);
        }
        else
        {
            LogRetry(LogLevel.Debug, problem, organizationId, pause, problem.Message);
        }
    }

    [LoggerMessage(
        EventId = 1500,
        Message = "Publishing for {OrganizationId} failed: {Problem}. Retrying in {Pause} under the same event ids")]
    private partial void LogRetry(
        LogLevel level, Exception? exception, string organizationId, TimeSpan pause, string problem);
}
