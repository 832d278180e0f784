namespace OrdersActors.Server.Hosting;

/// <summary>
/// Drops log lines that carry no information: those that every start and stop produce, and those that an outage
/// repeats.
/// </summary>
/// <remarks>
/// <para><b>Always</b>, warnings and errors of one event id are limited to <see cref="RepeatLimit.MaxLines"/> per
/// minute, and the others are counted. In an outage thousands of feeds fail in the same way and would hide its
/// cause. Orleans' advice to turn on the server mode of the garbage collector is dropped, because its workstation mode
/// is what this server needs (see its project file).</para>
/// <para><b>While the server starts</b>, a failure is reported as one line on stderr. The host, the web server and
/// Orleans log the same exception before that; their lines are dropped. Other exceptions of libraries, such as those of
/// a connection that is retried, are logged in one line without the stack trace.
/// <see cref="ConsoleLogging.StackTraceVariable"/> turns this off.</para>
/// <para><b>While the server stops</b>, its grains and observers disappear before all messages to them have arrived. An
/// example is the last notification of a grain to the front end in the same process. Orleans logs each such message as
/// an error. No action is needed, because the receiver stopped on purpose and other processes register again. These
/// lines are dropped.</para>
/// </remarks>
internal sealed class PhasedLogger(ILogger console, string category, ServerPhase phase, TimeProvider time) : ILogger
{
    private static readonly string[] RepeatedByStart =
    [
        "Microsoft.Extensions.Hosting.", "Microsoft.AspNetCore.Server.Kestrel", "Microsoft.AspNetCore.Hosting.",
        "Orleans.Lifecycle", "Orleans.Runtime.SiloLifecycle", "Orleans.Runtime.Silo", "Orleans.Runtime.Messaging",
        "Orleans.Runtime.MembershipService",
    ];

    // Microsoft.Orleans.Runtime logs it as a warning at each start of a silo.
    private const int CollectorAdvice = 100405;

    private readonly bool _isOwn = category.StartsWith("OrdersActors.", StringComparison.Ordinal);
    private readonly bool _isRepeatedByStart = Array.Exists(
        RepeatedByStart, prefix => category.StartsWith(prefix, StringComparison.Ordinal));

    private readonly RepeatLimit _repeats = new(time);
    private readonly bool _isMessaging = category == "Orleans.Messaging";
    private readonly bool _showsStackTraces = ConsoleLogging.ShowsStackTraces;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => console.BeginScope(state);

    public bool IsEnabled(LogLevel logLevel) => console.IsEnabled(logLevel);

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        if (!console.IsEnabled(logLevel)
            || eventId.Id == CollectorAdvice
            || (logLevel is LogLevel.Warning or LogLevel.Error && !TryPass(logLevel, eventId)))
        {
            return;
        }

        var current = phase.Current;
        if (_showsStackTraces || _isOwn || current == ServerPhase.Phase.Running)
        {
            console.Log(logLevel, eventId, state, exception, formatter);
        }
        else if (current == ServerPhase.Phase.Stopping)
        {
            if (!_isMessaging)
            {
                console.Log(logLevel, eventId, state, exception, formatter);
            }
        }
        else if (exception is null)
        {
            console.Log(logLevel, eventId, state, null, formatter);
        }
        else if (!_isRepeatedByStart)
        {
            var line = ConsoleLogging.OneLine($"{formatter(state, exception)}: {exception.Message}");
            console.Log(logLevel, eventId, line, null, static (text, _) => text);
        }
    }

    /// <summary>Reports the lines that were dropped, if no further line of their event id has reported them.</summary>
    public void ReportDropped()
    {
        foreach (var (eventId, leftOut) in _repeats.TakeEnded())
        {
            ReportDropped(LogLevel.Warning, eventId, leftOut);
        }
    }

    private bool TryPass(LogLevel logLevel, EventId eventId)
    {
        var passes = _repeats.TryPass(eventId.Id, out var leftOut);
        if (leftOut > 0)
        {
            ReportDropped(logLevel, eventId, leftOut);
        }

        return passes;
    }

    private void ReportDropped(LogLevel logLevel, EventId eventId, int leftOut)
    {
        var line = $"{leftOut} more lines of event id {eventId.Id} were dropped before this line, "
            + $"because more than {RepeatLimit.MaxLines} came within a minute";
        console.Log(logLevel, eventId, line, null, static (text, _) => text);
    }
}
