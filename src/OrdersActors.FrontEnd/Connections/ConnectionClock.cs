using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace OrdersActors.FrontEnd.Connections;

/// <summary>
/// Everything about connections that goes by time: the deadline for authenticating, pings, silence, and the end of those
/// that do not answer a close. One timer for all connections; it looks every second, so each limit is kept to the second.
/// </summary>
internal sealed class ConnectionClock(ConnectionRegistry registry, IOptions<FrontEndOptions> options, TimeProvider time)
    : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), time);
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
        {
            foreach (var connection in registry.All)
            {
                Look(connection);
            }
        }
    }

    private void Look(Connection connection)
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
            connection.Close(connection.IsConnectUndecided ? CloseReason.ConnectUndecided : CloseReason.NotAuthenticatedInTime);
        }
        else if (!connection.IsHandling
            && time.GetElapsedTime(connection.LastReadAt, now) >= 2 * options.Value.PingInterval)
        {
            connection.Abort();
        }
        else if (time.GetElapsedTime(connection.LastPingAt, now) >= options.Value.PingInterval)
        {
            connection.Ping();
        }
    }
}
