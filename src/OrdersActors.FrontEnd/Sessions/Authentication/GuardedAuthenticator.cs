using System.Net;
using Microsoft.Extensions.Logging;
using OrdersActors.FrontEnd.Limits;
using OrdersActors.FrontEnd.Protocol;

namespace OrdersActors.FrontEnd.Sessions.Authentication;

/// <summary>
/// The authenticator of one connection. If the connection or its address has used up its budget of failures, it refuses
/// connects without a grain call.
/// </summary>
/// <remarks>
/// <para>When a budget is used up, a connect is refused with <c>rate_limited</c> and <c>retry_after_ms</c>, and its key
/// is not checked. After <see cref="FrontEndOptions.MaxFailedConnects"/> such refusals the client must be guessing
/// keys, and the connection is closed with 1008.</para>
/// <para>The connection's own budget does not refill. It ends with the connection's deadline or with its first
/// success.</para>
/// <para>After a connection has authenticated, its further connects do not count here, because it cannot guess keys:
/// another key is always refused. The message rate limits them.</para>
/// <para>Failures are logged at Debug and counted in metrics, so that an attacker cannot fill the log. Refused
/// connects are also reported to the <see cref="GuessAlarm"/>. Used only by the connection's reader.</para>
/// </remarks>
internal sealed partial class GuardedAuthenticator(
    IAuthenticator authenticator, GuessLimits guesses, IPAddress? address, int maxFailed,
    IClientChannel client, ILogger logger) : IAuthenticator
{
    // The shortest retry_after_ms, and the one for a connection that has used up its own budget.
    private static readonly TimeSpan ShortestRetry = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan OwnRetry = TimeSpan.FromSeconds(1);

    private int _failed;
    private int _refused;

    public async Task<ClientIdentity> ConnectAsync(ClientIdentity? current, ClientMessage message)
    {
        var key = message.ApiKey ?? "";
        var from = ClientAddress.Of(address);
        if (current is not null)
        {
            return await authenticator.ConnectAsync(current, message);
        }

        if (_failed >= maxFailed)
        {
            throw Refuse(GuessScope.Connection, OwnRetry);
        }

        var wait = guesses.Connects.GetWait(from, key);
        if (wait > TimeSpan.Zero)
        {
            throw Refuse(GuessScope.Address, wait);
        }

        try
        {
            var identity = await authenticator.ConnectAsync(current: null, message);
            (_failed, _refused) = (0, 0);
            guesses.Connects.Succeeded(key);
            ConnectionMetrics.CountConnected(
                identity.Grant is not null ? "token" : identity.IsSigned ? "signature" : "key");
            return identity;
        }
        catch (RequestException e)
        {
            _failed++;
            guesses.Connects.Failed(from, key);
            LogFailed(address, e.Code);
            ConnectionMetrics.CountFailedConnect(e.Code.Code);
            throw;
        }
    }

    private RequestException Refuse(GuessScope scope, TimeSpan retryAfter)
    {
        ConnectionMetrics.CountFailedConnect(ProtocolError.RateLimited.Code);
        guesses.Alarm.Limited(GuessTarget.ApiKey, scope, address, organizationId: null);
        if (++_refused > maxFailed)
        {
            client.Close(CloseReason.TooManyFailedConnects);
        }

        return new RequestException(
            ProtocolError.RateLimited, "too many connects have failed; this one was not checked, try again later")
        {
            RetryAfter = retryAfter > ShortestRetry ? retryAfter : ShortestRetry,
        };
    }

    [LoggerMessage(1342, LogLevel.Debug, "A connect from {RemoteAddress} failed: {Code}")]
    private partial void LogFailed(IPAddress? remoteAddress, ProtocolError code);
}
