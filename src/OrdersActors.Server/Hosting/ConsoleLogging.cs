using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging.Console;

namespace OrdersActors.Server.Hosting;

/// <summary>
/// Configures logging to the console: one line per message (<see cref="PhasedLogger"/>), as text or as JSON
/// (<see cref="LogOptions"/>), with times in UTC.
/// </summary>
/// <remarks>
/// If nobody reads the console, it fills up and blocks its writer. Lines then wait in a <see cref="ConsoleQueue"/>,
/// which is bounded in bytes. When it is full, lines are dropped and counted, and the server continues. With .NET's
/// console logger, the bound would be in lines, and the line about dropped ones would not be JSON.
/// </remarks>
internal static class ConsoleLogging
{
    /// <summary>
    /// If this environment variable is 1, an unexpected failure is printed with its stack trace, and the log lines of a
    /// failing start are not dropped.
    /// </summary>
    public const string StackTraceVariable = "ORDERS_ACTORS_STACK_TRACE";

    public static bool ShowsStackTraces => Environment.GetEnvironmentVariable(StackTraceVariable) is "1" or "true";

    /// <param name="logging">The logging of a host, or of a part of the server that starts before it.</param>
    /// <param name="options">The settings.</param>
    /// <param name="queue">The queue to the console, which the caller owns.</param>
    /// <param name="phase">The state of the server.</param>
    public static void Add(ILoggingBuilder logging, LogOptions options, ConsoleQueue queue, ServerPhase phase)
    {
        // Orchestrators poll readiness every second or two. Each failed check would be logged as an error, although its
        // cause is logged once anyway.
        logging.ClearProviders()
            .AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None)
            // Its lines contain the query, and the query of an event stream may contain a token.
            .AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.Warning)
            .AddSimpleConsole(Format)
            .AddJsonConsole(json =>
            {
                json.UseUtcTimestamp = true;
                json.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";
            });
        logging.Services.RemoveAll<ILoggerProvider>();
        logging.Services.AddSingleton<ILoggerProvider>(services => new PhasedLoggerProvider(
            new QueuedConsole(
                services.GetServices<ConsoleFormatter>().First(formatter => formatter.Name == options.FormatterName),
                queue),
            phase, TimeProvider.System));
    }

    /// <summary>The format of a line of the log.</summary>
    public static void Format(SimpleConsoleFormatterOptions console)
    {
        console.SingleLine = true;
        console.UseUtcTimestamp = true;
        console.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z' ";
    }

    /// <summary>Joins the lines of a message into one line.</summary>
    public static string OneLine(string text) => string.Join(
        ' ', text.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
}
