using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging.Console;

namespace OrdersActors.Server.Hosting;

/// <summary>The server logs to the console, one line each (<see cref="PhasedLogger"/>).</summary>
/// <remarks>
/// A console that nobody reads fills up and then blocks the logger's own thread. Lines wait in a queue of
/// <see cref="MaxQueueLength"/>: a line is some 200 bytes, with a stack trace some 5 KB, so at most about 5 MB. When it is full,
/// lines are dropped and counted, and the server goes on; by default every thread that logs would wait.
/// </remarks>
internal static class ConsoleLogging
{
    /// <summary>Set to 1, this environment variable shows the stack traces of a start or a command that fails.</summary>
    public const string StackTraceVariable = "ORDERS_ACTORS_STACK_TRACE";

    private const int MaxQueueLength = 1000;

    public static bool ShowsStackTraces => Environment.GetEnvironmentVariable(StackTraceVariable) is "1" or "true";

    public static void Add(ILoggingBuilder logging, ServerPhase phase)
    {
        logging.ClearProviders().AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "HH:mm:ss ";
        });
        logging.Services.Configure<ConsoleLoggerOptions>(console =>
        {
            console.MaxQueueLength = MaxQueueLength;
            console.QueueFullMode = ConsoleLoggerQueueFullMode.DropWrite;
        });
        logging.Services.RemoveAll<ILoggerProvider>();
        logging.Services.AddSingleton<ConsoleLoggerProvider>();
        logging.Services.AddSingleton<ILoggerProvider>(
            services => new PhasedLoggerProvider(services.GetRequiredService<ConsoleLoggerProvider>(), phase));
    }

    /// <summary>The first lines of a message as one line.</summary>
    public static string OneLine(string text) => string.Join(
        ' ', text.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
}
