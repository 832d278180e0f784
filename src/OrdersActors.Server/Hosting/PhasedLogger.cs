namespace OrdersActors.Server.Hosting;

/// <summary>Leaves out of the log what a start and a stop log by their nature.</summary>
/// <remarks>
/// <para><b>While the server starts</b>, a failure comes out as one line on stderr. The host, the web server and Orleans log the
/// same exception first; their lines are dropped. Other exceptions of libraries, such as those of a connection that is
/// retried, are logged in one line without the stack trace. <see cref="ConsoleLogging.StackTraceVariable"/> turns this off.</para>
/// <para><b>While it stops</b>, messages to grains and observers of this process can no longer be addressed, such as a grain's last
/// notification to the front end beside it. Orleans logs each as an error, and none needs a hand: the receiver is gone
/// on purpose, and others register again. These lines are dropped.</para>
/// </remarks>
internal sealed class PhasedLogger(ILogger console, string category, ServerPhase phase) : ILogger
{
    private static readonly string[] RepeatedByStart =
    [
        "Microsoft.Extensions.Hosting.", "Microsoft.AspNetCore.Server.Kestrel", "Microsoft.AspNetCore.Hosting.",
        "Orleans.Lifecycle", "Orleans.Runtime.SiloLifecycle", "Orleans.Runtime.Silo", "Orleans.Runtime.Messaging",
        "Orleans.Runtime.MembershipService",
    ];

    private readonly bool _isOwn = category.StartsWith("OrdersActors.", StringComparison.Ordinal);
    private readonly bool _isRepeatedByStart = Array.Exists(
        RepeatedByStart, prefix => category.StartsWith(prefix, StringComparison.Ordinal));

    private readonly bool _isMessaging = category == "Orleans.Messaging";
    private readonly bool _showsStackTraces = ConsoleLogging.ShowsStackTraces;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => console.BeginScope(state);

    public bool IsEnabled(LogLevel logLevel) => console.IsEnabled(logLevel);

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
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
            console.Log(
                logLevel, eventId, ConsoleLogging.OneLine($"{formatter(state, exception)}: {exception.Message}"), null,
                static (text, _) => text);
        }
    }
}
