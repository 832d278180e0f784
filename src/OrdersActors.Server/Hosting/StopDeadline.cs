namespace OrdersActors.Server.Hosting;

/// <summary>
/// Ends a process whose stop does not complete, so that its supervisor can restart it. Every step of a stop has a
/// timeout of its own; this one covers a step that ignores its timeout. Nothing acknowledged is lost, because it is
/// committed.
/// </summary>
internal static partial class StopDeadline
{
    /// <summary>Starts the countdown when the server begins to stop.</summary>
    public static void Enforce(WebApplication app, TimeSpan limit)
    {
        var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(StopDeadline));
        app.Lifetime.ApplicationStopping.Register(() =>
            new Thread(() => End(logger, limit)) { IsBackground = true, Name = "stop deadline" }.Start());
    }

    private static void End(ILogger logger, TimeSpan limit)
    {
        Thread.Sleep(limit);
        LogNotStopped(logger, limit.TotalSeconds);
        FatalErrorHandler.ExitAfterFlush();
    }

    [LoggerMessage(1601, LogLevel.Critical,
        "The server has not stopped within {Seconds} s. Terminating it with exit code 70; acknowledged events are " +
        "committed")]
    private static partial void LogNotStopped(ILogger logger, double seconds);
}
