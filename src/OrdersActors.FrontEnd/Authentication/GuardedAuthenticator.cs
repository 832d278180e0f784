using System.Net;
using Microsoft.Extensions.Logging;
using OrdersActors.FrontEnd.Connections;
using OrdersActors.FrontEnd.Connections.Admission;
using OrdersActors.FrontEnd.Protocol;

namespace OrdersActors.FrontEnd.Authentication;

/// <summary>
/// One connection's authenticator: wrong keys cost the server no grain call when the connection or its address has used
/// up its budget of failures.
/// </summary>
/// <remarks>
/// <para>Past a budget a connect is answered with <c>rate_limited</c> and <c>retry_after_ms</c>, and is not decided on.
/// A connection that has been refused so often that it must be guessing
/// (<see cref="FrontEndOptions.MaxFailedConnects"/> again) is closed with 1008.</para>
/// <para>A connection's own budget does not refill: it ends with the connection's deadline, or with its first
/// success.</para>
/// <para>A connection that has authenticated has no key left to guess: its further connects do not count here, and its
/// message rate bounds them.</para>
/// <para>Failures are logged at Debug and counted in metrics, so that nobody can fill the log. Used by the connection's
/// reader only.</para>
/// </remarks>
internal sealed partial class GuardedAuthenticator(
    IAuthenticator authenticator, FailedConnectBudgets budgets, IPAddress? address, int maxFailed,
    Action<CloseReason> close, ILogger logger) : IAuthenticator
{
    // What a client that shares a used-up address is asked to wait at least, and one that has used up its own budget.
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

        var wait = _failed >= maxFailed ? OwnRetry : budgets.GetWait(from, key);
        if (wait > TimeSpan.Zero)
        {
            throw Refuse(wait);
        }

        try
        {
            var identity = await authenticator.ConnectAsync(current: null, message);
            (_failed, _refused) = (0, 0);
            budgets.Succeeded(key);
            return identity;
        }
        catch (RequestException e)
        {
            _failed++;
            budgets.Failed(from, key);
            LogFailed(address, e.Code);
            ConnectionMetrics.CountFailedConnect(e.Code.Code);
            throw;
        }
    }

    private RequestException Refuse(TimeSpan retryAfter)
    {
        ConnectionMetrics.CountFailedConnect(ProtocolError.RateLimited.Code);
        if (++_refused > maxFailed)
        {
            close(CloseReason.TooManyFailedConnects);
        }

        return new RequestException(
            ProtocolError.RateLimited, "too many connects have failed; the connect was not decided on, try again later")
        {
            RetryAfter = retryAfter > ShortestRetry ? retryAfter : ShortestRetry,
        };
    }

    [LoggerMessage(1342, LogLevel.Debug, "A connect from {RemoteAddress} failed: {Code}")]
    private partial void LogFailed(IPAddress? remoteAddress, ProtocolError code);
}
