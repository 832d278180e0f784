using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace OrdersActors.Tests.Support;

/// <summary>Records the log messages.</summary>
public sealed class RecordingLogger<T> : ILogger<T>
{
    private readonly ConcurrentQueue<(int Id, LogLevel Level, string Text)> _lines = [];

    public int[] Ids => [.. _lines.Select(line => line.Id)];

    public LogLevel[] Levels => [.. _lines.Select(line => line.Level)];

    /// <summary>Messages and exceptions.</summary>
    public string Text => string.Join(Environment.NewLine, _lines.Select(line => line.Text));

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception,
        Func<TState, Exception?, string> formatter) =>
        _lines.Enqueue((eventId.Id, logLevel, $"{formatter(state, exception)} {exception}"));
}
