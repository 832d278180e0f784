using Microsoft.Extensions.Logging.Console;
using OrdersActors.Server.Hosting;

namespace OrdersActors.Server.Commands;

/// <summary>The log of a command: standard error, in the format of the server's log.</summary>
internal static class CommandLog
{
    /// <summary>Creates the log. Its disposal waits until all lines are written.</summary>
    public static ILoggerFactory Create() => LoggerFactory.Create(logging =>
    {
        logging.AddSimpleConsole(ConsoleLogging.Format);
        logging.Services.Configure<ConsoleLoggerOptions>(
            console => console.LogToStandardErrorThreshold = LogLevel.Trace);
    });
}
