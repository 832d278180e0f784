using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrdersActors.FrontEnd.Protocol;
using OrdersActors.FrontEnd.Sessions.Authentication;

namespace OrdersActors.FrontEnd.Sessions;

/// <summary>
/// Checks at intervals whether what the access of live connections depends on is still valid, and closes the
/// connections for which it is not: the key was revoked or has expired, the secret that proved the signature or token
/// has ended, or there is no proof and the key has become restricted. <see cref="CloseReason"/> has a reason for each.
/// </summary>
/// <remarks>
/// A connection that has renewed its proof depends on the newest one only. So clients that connect again with the new
/// secret before the old one ends stay connected.
/// </remarks>
internal sealed partial class KeyRevocationWatch(
    ConnectionRegistry registry, IGrainFactory grains, IOptions<FrontEndOptions> options, TimeProvider time,
    ILogger<KeyRevocationWatch> logger) : BackgroundService
{
    private const int UsesPerCall = 1000;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.KeyCheckInterval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
        {
            try
            {
                await CheckAsync();
            }
            catch (Exception) when (stoppingToken.IsCancellationRequested)
            {
                // This server's silo may have stopped already. The loop ends.
            }
            catch (Exception e)
            {
                LogFailed(e, options.Value.KeyCheckInterval);
            }
        }
    }

    private async Task CheckAsync()
    {
        var byUse = registry.All
            .Where(connection => connection.Identity is not null)
            .ToLookup(connection => UseOf(connection.Identity!));
        foreach (var uses in byUse.Select(group => group.Key).Chunk(UsesPerCall))
        {
            foreach (var ended in await FindEndedAsync(uses))
            {
                var use = ended with { End = KeyEnd.None };
                foreach (var connection in byUse[use])
                {
                    if (HasLost(connection.Identity!, use, ended.End))
                    {
                        connection.Close(Reason(ended.End));
                    }
                }
            }
        }
    }

    private async Task<KeyUse[]> FindEndedAsync(KeyUse[] uses)
    {
        var authentication = grains.Find<IAuthenticationGrain>(0);
        try
        {
            return await authentication.FindEnded(uses);
        }
        catch (Exception e) when (UnknownMethod.Is(e))
        {
            // A silo of a previous version does not know this call. It knows neither secrets nor access modes, so it
            // has given this connection nothing that it could take back.
            LogPreviousVersion(e.Message);
            var revoked = await authentication.FindRevoked([.. uses.Select(use => use.ApiKey).Distinct()]);
            return [.. uses.Where(use => revoked.Contains(use.ApiKey)).Select(Revoked)];
        }

        static KeyUse Revoked(KeyUse use) => use with { End = KeyEnd.Revoked };
    }

    /// <summary>
    /// Returns the key and the secret that an identity depends on. A silo of a previous version does not send the
    /// number of the secret that proved a signature. That version cannot rotate, so the number is 1.
    /// </summary>
    private static KeyUse UseOf(ClientIdentity identity) =>
        new(identity.ApiKey, identity is { IsSigned: true, SecretId: 0 } ? 1 : identity.SecretId);

    /// <summary>
    /// Whether an identity, which may have been renewed since the check began, loses access by the end of a use. A
    /// client that connected to a restricted key without a proof has no access yet, and may still prove itself.
    /// </summary>
    private static bool HasLost(ClientIdentity identity, KeyUse use, KeyEnd end) =>
        UseOf(identity) == use && !(end == KeyEnd.Restricted && identity.IsRestricted);

    private static CloseReason Reason(KeyEnd end) => end switch
    {
        KeyEnd.Expired => CloseReason.KeyExpired,
        KeyEnd.SecretEnded => CloseReason.SecretEnded,
        KeyEnd.Restricted => CloseReason.KeyRestricted,
        _ => CloseReason.KeyRevoked,
    };

    [LoggerMessage(1330, LogLevel.Warning,
        "The keys of live connections could not be checked. Connections with revoked keys stay open until a check " +
        "succeeds; the next one is in {Interval}")]
    private partial void LogFailed(Exception exception, TimeSpan interval);

    [LoggerMessage(1331, LogLevel.Debug,
        "A silo of a previous version answered only which keys are revoked: {Reason}. Secrets, access modes and " +
        "expiry dates are checked when a silo of this version answers")]
    private partial void LogPreviousVersion(string reason);
}
