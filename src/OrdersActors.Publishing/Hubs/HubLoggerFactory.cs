using Microsoft.Extensions.Logging;

namespace OrdersActors.Publishing.Hubs;

/// <summary>
/// Passes the log lines of a hub's client to the application's log and demotes most of Orleans' lines. Orleans logs
/// dozens of lines when it starts, and several warnings per second if a gateway does not answer. These are noise in an
/// application that only publishes. So lines of Orleans below Error, and all of its lines during an outage, are written
/// at Debug. The publisher's own lines report the outage.
/// </summary>
internal sealed class HubLoggerFactory(ILoggerFactory application, Func<bool> isOutage) : ILoggerFactory
{
    public ILogger CreateLogger(string categoryName)
    {
        var logger = application.CreateLogger(categoryName);
        return categoryName.StartsWith("Orleans", StringComparison.Ordinal)
            ? new DemotingLogger(logger, isOutage)
            : logger;
    }

    public void AddProvider(ILoggerProvider provider) =>
        throw new NotSupportedException("Add logging providers to the application.");

    public void Dispose()
    {
        // The application owns the factory, which outlives the hubs.
    }

    private sealed class DemotingLogger(ILogger logger, Func<bool> isOutage) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => logger.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None && logger.IsEnabled(Demote(logLevel));

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            var level = Demote(logLevel);
            logger.Log(level, eventId, state, exception, formatter);
        }

        private LogLevel Demote(LogLevel level) =>
            level > LogLevel.Debug && (level < LogLevel.Error || isOutage()) ? LogLevel.Debug : level;
    }
}
