using Microsoft.Extensions.Logging;
using OrdersActors.Publishing.Hubs;

namespace OrdersActors.Tests.Publishing.Hubs;

public sealed class HubLoggerFactoryTests
{
    [Theory]
    [InlineData("Orleans.Runtime.OutsideRuntimeClient", LogLevel.Information, false, LogLevel.Debug)]
    [InlineData("Orleans.Messaging", LogLevel.Warning, true, LogLevel.Debug)]
    [InlineData("Orleans.Messaging", LogLevel.Error, true, LogLevel.Debug)]
    [InlineData("Orleans.Messaging", LogLevel.Warning, false, LogLevel.Debug)]
    [InlineData("Orleans.Messaging", LogLevel.Error, false, LogLevel.Error)]
    [InlineData("Orleans.Messaging", LogLevel.Trace, false, LogLevel.Trace)]
    [InlineData("OrdersActors.Publishing.Hubs.OrderHub", LogLevel.Information, true, LogLevel.Information)]
    public void Orleans_logs_at_lower_levels_and_the_publisher_does_not(
        string category, LogLevel level, bool isOutage, LogLevel written)
    {
        var application = new RecordingFactory();
        using var factory = new HubLoggerFactory(application, () => isOutage);
        var logger = factory.CreateLogger(category);
        logger.Log(level, 0, "line", null, static (line, _) => line);
        Assert.Equal([(category, written)], application.Lines);
        application.Least = written + 1;
        Assert.False(logger.IsEnabled(level));
    }

    private sealed class RecordingFactory : ILoggerFactory
    {
        public List<(string Category, LogLevel Level)> Lines { get; } = [];

        public LogLevel Least { get; set; }

        public ILogger CreateLogger(string categoryName) => new Recorder(this, categoryName);

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public void Dispose()
        {
        }

        private sealed class Recorder(RecordingFactory owner, string category) : ILogger
        {
            public IDisposable? BeginScope<TState>(TState state)
                where TState : notnull => null;

            public bool IsEnabled(LogLevel logLevel) => logLevel >= owner.Least;

            public void Log<TState>(
                LogLevel logLevel, EventId eventId, TState state, Exception? exception,
                Func<TState, Exception?, string> formatter) => owner.Lines.Add((category, logLevel));
        }
    }
}
