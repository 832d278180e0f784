using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using OrdersActors.Server.Hosting;

namespace OrdersActors.Tests.Server.Hosting;

public sealed class PhasedLoggerProviderTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly ListConsole _console = new();
    private readonly PhasedLoggerProvider _provider;

    public PhasedLoggerProviderTests() => _provider = new PhasedLoggerProvider(_console, new ServerPhase(), _time);

    [Fact]
    public void Dropped_lines_are_reported_after_the_window_although_no_further_line_comes()
    {
        var logger = _provider.CreateLogger("OrdersActors.Test");
        for (var i = 0; i < RepeatLimit.MaxLines + 7; i++)
        {
            logger.Log(LogLevel.Warning, new EventId(1302), "lost", null, static (text, _) => text);
        }

        Assert.Equal(RepeatLimit.MaxLines, _console.Lines.Count);
        _time.Advance(2 * RepeatLimit.Window);

        Assert.StartsWith("7 more lines of event id 1302 were dropped", _console.Lines[^1], StringComparison.Ordinal);
        Assert.Equal(RepeatLimit.MaxLines + 1, _console.Lines.Count);
        _time.Advance(2 * RepeatLimit.Window);
        Assert.Equal(RepeatLimit.MaxLines + 1, _console.Lines.Count);
    }

    [Fact]
    public void Advice_about_the_collector_is_dropped_and_other_warnings_of_silos_are_not()
    {
        var logger = _provider.CreateLogger("Orleans.Runtime.Silo");
        logger.Log(LogLevel.Warning, new EventId(100405), "use the server mode", null, static (text, _) => text);
        logger.Log(LogLevel.Warning, new EventId(100406), "something else", null, static (text, _) => text);
        Assert.Equal(["something else"], _console.Lines);
    }

    public void Dispose() => _provider.Dispose();

    private sealed class ListConsole : ILoggerProvider, ILogger
    {
        public List<string> Lines { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter) => Lines.Add(formatter(state, exception));

        public void Dispose()
        {
        }
    }
}
