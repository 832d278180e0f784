using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace OrdersActors.Server.Hosting;

/// <summary>
/// Formats the messages of the log with a formatter of .NET's console logger, and queues them for the console.
/// </summary>
internal sealed class QueuedConsole(ConsoleFormatter formatter, ConsoleQueue queue) : ILoggerProvider
{
    private const int DroppedLines = 1631;

    // The capacity that a thread's buffer keeps.
    private const int MaxKeptCapacity = 1024;

    [ThreadStatic]
    private static StringWriter? _buffer;

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void Dispose()
    {
        // The queue belongs to the caller, and a formatter holds nothing.
    }

    private void Log<TState>(in LogEntry<TState> entry)
    {
        if (Format(in entry) is { Length: > 0 } line)
        {
            queue.Add(line, DescribeDropped);
        }
    }

    private string Format<TState>(in LogEntry<TState> entry)
    {
        var writer = _buffer ??= new StringWriter(CultureInfo.InvariantCulture);
        var text = writer.GetStringBuilder();
        try
        {
            formatter.Write(in entry, scopeProvider: null, writer);
            return text.ToString();
        }
        finally
        {
            text.Clear();
            if (text.Capacity > MaxKeptCapacity)
            {
                text.Capacity = MaxKeptCapacity;
            }
        }
    }

    private string DescribeDropped(long count) => Format(new LogEntry<string>(
        LogLevel.Warning, typeof(QueuedConsole).FullName!, DroppedLines,
        $"Dropped {count} lines of the log before this line, because the console did not take them in time", null,
        static (text, _) => text));

    private sealed class Logger(QueuedConsole console, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                console.Log(new LogEntry<TState>(logLevel, category, eventId, state, exception, formatter));
            }
        }
    }
}
