using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging.Console;

namespace OrdersActors.Server.Hosting;

/// <summary>Configures logging to the console, one line per message (<see cref="PhasedLogger"/>).</summary>
/// <remarks>
/// If nobody reads the console, it fills up and blocks the logger's writer thread. Lines then wait in a queue of
/// <see cref="MaxQueueLength"/> lines: about 200 bytes each, 5 KB with a stack trace, so 5 MB at most. When the queue
/// is full, lines are dropped and counted, and the server continues. By default every thread that logs would block.
/// </remarks>
internal static class ConsoleLogging
{
    /// <summary>
    /// If this environment variable is 1, an unexpected failure is printed with its stack trace, and the log lines of a
    /// failing start are not dropped.
    /// </summary>
    public const string StackTraceVariable = "ORDERS_ACTORS_STACK_TRACE";

    private const int MaxQueueLength = 1000;

    public static bool ShowsStackTraces => Environment.GetEnvironmentVariable(StackTraceVariable) is "1" or "true";

    public static void Add(ILoggingBuilder logging, ServerPhase phase)
    {
        // Orchestrators poll readiness every second or two. Each failed check would be logged as an error, although its
        // cause is logged once anyway.
        logging.ClearProviders()
            .AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None)
            // Its lines contain the query, and the query of an event stream may contain a token.
            .AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.Warning)
            .AddSimpleConsole(Format);
        logging.Services.Configure<ConsoleLoggerOptions>(console =>
        {
            console.MaxQueueLength = MaxQueueLength;
            console.QueueFullMode = ConsoleLoggerQueueFullMode.DropWrite;
        });
        logging.Services.RemoveAll<ILoggerProvider>();
        logging.Services.AddSingleton<ConsoleLoggerProvider>();
        logging.Services.AddSingleton<ILoggerProvider>(
            services => new PhasedLoggerProvider(
                services.GetRequiredService<ConsoleLoggerProvider>(), phase, TimeProvider.System));
    }

    /// <summary>The format of a line of the log.</summary>
    public static void Format(SimpleConsoleFormatterOptions console)
    {
        console.SingleLine = true;
        console.TimestampFormat = "HH:mm:ss ";
    }

    /// <summary>Joins the lines of a message into one line.</summary>
    public static string OneLine(string text) => string.Join(
        ' ', text.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
}
