namespace OrdersActors.Server.Hosting;

/// <summary>
/// Terminates the process when its silo cannot continue: because the other silos have declared it dead after it was
/// unresponsive for too long, or because an essential part of it has failed. The process exits within a fraction of a
/// second, without the steps of a normal stop, because the other silos have already replaced it or will do so. Its
/// supervisor must restart it.
/// </summary>
internal sealed partial class FatalErrorHandler(ILogger<FatalErrorHandler> logger) : IFatalErrorHandler
{
    /// <summary>
    /// "Internal software error" (sysexits.h). A supervisor restarts a process that exits with an error.
    /// </summary>
    private const int ExitCode = 70;

    // The console logger writes on its own thread; this gives it time to write the line before the exit.
    private static readonly TimeSpan FlushTime = TimeSpan.FromMilliseconds(200);

    public bool IsUnexpected(Exception exception) => true;

    public void OnFatalException(object? sender, string? context, Exception? exception)
    {
        LogTerminating(exception, context);
        ExitAfterFlush();
    }

    /// <summary>Ends the process with exit code 70, after the last log line has been written.</summary>
    public static void ExitAfterFlush()
    {
        Thread.Sleep(FlushTime);
        Environment.Exit(ExitCode);
    }

    [LoggerMessage(1600, LogLevel.Critical,
        "Fatal error, terminating the silo with exit code 70 so that its supervisor restarts it: {Reason}")]
    private partial void LogTerminating(Exception? exception, string? reason);
}
