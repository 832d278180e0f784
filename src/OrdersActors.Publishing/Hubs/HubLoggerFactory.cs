using Microsoft.Extensions.Logging;

namespace OrdersActors.Publishing;

/// <summary>
/// Passes the lines of a hub's client to the application's log. Orleans logs its start with dozens of lines, and a
/// gateway that does not answer with several warnings a second. In an application that only publishes they are noise:
/// Orleans' lines below Error, and all of its lines during an outage, are written at Debug. The publisher's own
/// lines tell of the outage.
/// </summary>
internal sealed class HubLoggerFactory(ILoggerFactory application, Func<bool> isOutage) : ILoggerFactory
{
    public ILogger CreateLogger(string categoryName)
    {
        var logger = application.CreateLogger(categoryName);
        return categoryName.StartsWith("Orleans", StringComparison.Ordinal) ? new Quieter(logger, isOutage) : logger;
    }

    public void AddProvider(ILoggerProvider provider) =>
        throw new NotSupportedException("Add logging providers to the application.");

    public void Dispose()
    {
        // The application's factory outlives its hubs.
    }

    private sealed class Quieter(ILogger logger, Func<bool> isOutage) : ILogger
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
