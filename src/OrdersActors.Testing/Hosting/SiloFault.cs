using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace OrdersActors.Testing.Hosting;

/// <summary>
/// Stops a server whose silo cannot continue. The real server would end the process, which is the test's here.
/// </summary>
internal sealed partial class SiloFault(IHostApplicationLifetime lifetime, ILogger<SiloFault> logger)
    : IFatalErrorHandler
{
    public bool IsUnexpected(Exception exception) => true;

    public void OnFatalException(object? sender, string? context, Exception? exception)
    {
        LogStopping(exception, context);
        lifetime.StopApplication();
    }

    [LoggerMessage(1850, LogLevel.Critical, "Fatal error, stopping the test server: {Reason}")]
    private partial void LogStopping(Exception? exception, string? reason);
}
