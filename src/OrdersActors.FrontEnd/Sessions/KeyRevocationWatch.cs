using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrdersActors.FrontEnd.Protocol;

namespace OrdersActors.FrontEnd.Sessions;

/// <summary>
/// Checks at intervals whether the keys of live connections are still valid, and closes the connections whose keys have
/// been revoked.
/// </summary>
internal sealed partial class KeyRevocationWatch(
    ConnectionRegistry registry, IGrainFactory grains, IOptions<FrontEndOptions> options, TimeProvider time,
    ILogger<KeyRevocationWatch> logger) : BackgroundService
{
    private const int KeysPerCall = 1000;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.KeyCheckInterval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
        {
            try
            {
                await CheckAsync();
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(e, options.Value.KeyCheckInterval);
            }
        }
    }

    private async Task CheckAsync()
    {
        var byKey = registry.All
            .Where(connection => connection.Identity is not null)
            .ToLookup(connection => connection.Identity!.ApiKey);
        foreach (var keys in byKey.Select(group => group.Key).Chunk(KeysPerCall))
        {
            foreach (var key in await grains.Find<IAuthenticationGrain>(0).FindRevoked(keys))
            {
                foreach (var connection in byKey[key])
                {
                    connection.Close(CloseReason.KeyRevoked);
                }
            }
        }
    }

    [LoggerMessage(1330, LogLevel.Warning,
        "The keys of live connections could not be checked. Connections with revoked keys stay open until a check " +
        "succeeds; the next one is in {Interval}")]
    private partial void LogFailed(Exception exception, TimeSpan interval);
}
