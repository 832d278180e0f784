using System.Collections.Concurrent;

namespace OrdersActors.Server.Hosting;

/// <summary>
/// Wraps each console logger in a <see cref="PhasedLogger"/>. The caller owns the console.
/// </summary>
[ProviderAlias("Console")]
internal sealed class PhasedLoggerProvider : ILoggerProvider
{
    // Bounded without eviction: categories are classes, and there is one logger for each.
    private readonly ConcurrentBag<PhasedLogger> _loggers = [];
    private readonly ILoggerProvider _console;
    private readonly ServerPhase _phase;
    private readonly TimeProvider _time;
    private readonly ITimer _reporting;

    public PhasedLoggerProvider(ILoggerProvider console, ServerPhase phase, TimeProvider time)
    {
        _console = console;
        _phase = phase;
        _time = time;
        _reporting = time.CreateTimer(_ => ReportDropped(), null, RepeatLimit.Window, RepeatLimit.Window);
    }

    public ILogger CreateLogger(string categoryName)
    {
        var logger = new PhasedLogger(_console.CreateLogger(categoryName), categoryName, _phase, _time);
        _loggers.Add(logger);
        return logger;
    }

    public void Dispose() => _reporting.Dispose();

    private void ReportDropped()
    {
        foreach (var logger in _loggers)
        {
            logger.ReportDropped();
        }
    }
}
