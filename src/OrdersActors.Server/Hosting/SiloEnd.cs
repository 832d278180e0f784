namespace OrdersActors.Server.Hosting;

/// <summary>
/// The end of a silo that cannot go on: the others have declared it dead, because it stood still for too long, or a part of it that
/// everything needs has failed. The process ends at once, before it delivers anything more, and whoever runs it starts it anew.
/// </summary>
internal sealed partial class SiloEnd(ILogger<SiloEnd> logger) : IFatalErrorHandler
{
    /// <summary>"Internal software error" (sysexits.h): no success, so that it is started again.</summary>
    private const int ExitCode = 70;

    // What was logged is written by a thread of its own.
    private static readonly TimeSpan FlushTime = TimeSpan.FromMilliseconds(200);

    public bool IsUnexpected(Exception exception) => true;

    public void OnFatalException(object? sender, string? context, Exception? exception)
    {
        LogEnding(exception, context);
        Thread.Sleep(FlushTime);
        Environment.Exit(ExitCode);
    }

    [LoggerMessage(1600, LogLevel.Critical, "This silo ends and is to be started anew: {Reason}")]
    private partial void LogEnding(Exception? exception, string? reason);
}
