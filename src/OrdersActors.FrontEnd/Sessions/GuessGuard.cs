using System.Net;
using OrdersActors.FrontEnd.Limits;
using OrdersActors.FrontEnd.Protocol;
using OrdersActors.FrontEnd.Sessions.Authentication;

namespace OrdersActors.FrontEnd.Sessions;

/// <summary>
/// Limits how many order ids a connection may try in vain. An open key alone proves nothing, so the id of an order is
/// the only proof that its holder may watch the order.
/// </summary>
/// <remarks>
/// <para>Each denied subscribe counts for the connection, its address and its key. If the connection or its address has
/// used up its budget, further subscribes are refused with <c>rate_limited</c> and not looked up. If the key has used
/// up its budget, only the answers to denied subscribes wait (<see cref="DeniedSubscribeBudgets"/>).</para>
/// <para>A subscribe is not limited if the client has proved that it may watch the order, with a signature or a token.
/// A client that resubscribes to a thousand orders is not limited, because only denials count.</para>
/// <para>The lookups of one message that run at once are admitted before their denials are counted. They can overdraw
/// the budget by their number. Used only by the connection's reader.</para>
/// </remarks>
internal sealed class GuessGuard(
    GuessLimits limits, IPAddress? address, FrontEndOptions options, TimeProvider time)
{
    private static readonly TimeSpan ShortestRetry = TimeSpan.FromMilliseconds(250);

    private TokenBucket _own = new(options.DeniedSubscribesPerConnection, time.GetTimestamp());
    private TimeSpan _delayLeft;

    /// <summary>
    /// Begins a message. All denials of one message wait for at most
    /// <see cref="DeniedSubscribeBudgets.LongestDelay"/> together, because later messages of the client wait behind it.
    /// </summary>
    public void BeginMessage() => _delayLeft = DeniedSubscribeBudgets.LongestDelay;

    /// <summary>
    /// Returns the entry if it may be looked up. Otherwise returns it with a refusal. Must be called once per entry.
    /// </summary>
    public SubscribeEntry Admit(ClientIdentity identity, SubscribeEntry entry)
    {
        if (entry.Refusal is not null || !IsGuess(identity, entry))
        {
            return entry;
        }

        var wait = GetWait(identity);
        return wait == TimeSpan.Zero ? entry : entry with
        {
            Refusal = new Refusal(
                ProtocolError.RateLimited,
                "too many subscribes were denied; this one was not looked up, try again later",
                wait > ShortestRetry ? wait : ShortestRetry),
        };
    }

    /// <summary>Counts a refused entry if it may have been a guess. Waits if the key is over its budget.</summary>
    public async Task OnRefusedAsync(ClientIdentity identity, SubscribeEntry entry, Refusal refusal)
    {
        if (refusal.Code != ProtocolError.AccessDenied || !IsGuess(identity, entry))
        {
            return;
        }

        _own.Refill(options.DeniedSubscribeRatePerConnection, options.DeniedSubscribesPerConnection, time);
        _own.Add(-1);
        var delay = limits.Subscribes.Denied(Origin(identity));
        delay = delay < _delayLeft ? delay : _delayLeft;
        _delayLeft -= delay;
        if (delay > TimeSpan.Zero)
        {
            await Task.Delay(delay, time);
        }
    }

    private static bool IsGuess(ClientIdentity identity, SubscribeEntry entry) =>
        entry.OrderId is not null && !identity.MayAwaitOrder(entry.OrderId);

    private TimeSpan GetWait(ClientIdentity identity)
    {
        _own.Refill(options.DeniedSubscribeRatePerConnection, options.DeniedSubscribesPerConnection, time);
        var wait = _own.UntilNext(options.DeniedSubscribeRatePerConnection);
        if (wait == TimeSpan.Zero)
        {
            return limits.Subscribes.GetWait(Origin(identity));
        }

        limits.Alarm.Limited(GuessTarget.Order, GuessScope.Connection, address, identity.OrganizationId);
        return wait;
    }

    private GuessOrigin Origin(ClientIdentity identity) => new(address, identity.OrganizationId, identity.ApiKey);
}
