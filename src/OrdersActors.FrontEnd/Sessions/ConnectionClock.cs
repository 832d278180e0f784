using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrdersActors.FrontEnd.Protocol;

namespace OrdersActors.FrontEnd.Sessions;

/// <summary>
/// Enforces all time limits of connections: the deadline for authenticating, the end of tokens, pings, silence, and the
/// timeout of a close. One timer checks all connections every second, so each limit is accurate to the second.
/// </summary>
/// <remarks>If the check of a connection fails, that connection is aborted. The others are not affected.</remarks>
internal sealed partial class ConnectionClock(
    ConnectionRegistry registry, IOptions<FrontEndOptions> options, TimeProvider time, ILogger<ConnectionClock> logger)
    : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), time);
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
        {
            foreach (var connection in registry.All)
            {
                TryCheck(connection);
            }
        }
    }

    private void TryCheck(IClientConnection connection)
    {
        try
        {
            Check(connection);
        }
        catch (Exception e)
        {
            // No exception may end this loop, which enforces the limits of all connections, or the host.
            LogFailed(e);
            TryAbort(connection);
        }
    }

    private void TryAbort(IClientConnection connection)
    {
        try
        {
            connection.Abort();
        }
        catch (Exception e)
        {
            LogFailed(e);
        }
    }

    private void Check(IClientConnection connection)
    {
        var now = time.GetTimestamp();
        if (connection.ClosingAt != 0)
        {
            if (time.GetElapsedTime(connection.ClosingAt, now) > options.Value.CloseTimeout)
            {
                connection.Abort();
            }
        }
        else if (connection.Identity is null
            && time.GetElapsedTime(connection.OpenedAt, now) >= options.Value.AuthenticationDeadline)
        {
            connection.Close(
                connection.IsConnectUndecided ? CloseReason.ConnectUndecided : CloseReason.NotAuthenticatedInTime);
        }
        else
        {
            connection.CheckToken();
            CheckSilence(connection, now);
        }
    }

    private void CheckSilence(IClientConnection connection, long now)
    {
        if (!connection.IsHandling
            && time.GetElapsedTime(connection.LastReadAt, now) >= 2 * options.Value.PingInterval)
        {
            connection.Abort();
        }
        else if (time.GetElapsedTime(connection.LastPingAt, now) >= options.Value.PingInterval)
        {
            connection.Ping();
        }
    }

    [LoggerMessage(1343, LogLevel.Error, "The check of a connection's time limits failed. The connection is aborted")]
    private partial void LogFailed(Exception exception);
}
