using Microsoft.Extensions.Logging;
using OrdersActors.Checker.Reporting;

namespace OrdersActors.Checker.Publishing;

/// <summary>
/// Counts the publishing library's retries. They appear only in its log, most of them at level Debug, so the log filter
/// must let them through.
/// </summary>
internal sealed class RetryCounter(RunCounts counts) : ILoggerProvider, ILogger
{
    private const int RetryEventId = 1500;

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Debug;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        if (eventId.Id == RetryEventId)
        {
            counts.Retried();
        }
    }

    public void Dispose()
    {
    }
}
