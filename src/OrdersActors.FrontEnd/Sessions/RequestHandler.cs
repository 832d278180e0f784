using OrdersActors.FrontEnd.Feeds;
using OrdersActors.FrontEnd.Limits;
using OrdersActors.FrontEnd.Protocol;
using OrdersActors.FrontEnd.Sessions.Authentication;
using OrdersActors.FrontEnd.Subscriptions;

namespace OrdersActors.FrontEnd.Sessions;

/// <summary>
/// Handles one client's messages: parses them, checks permissions, and replies. Handles one message at a time, so
/// replies come in the order of the requests.
/// </summary>
/// <remarks>
/// Used only by the connection's reader. The checks of time limits and keys read <see cref="Identity"/>,
/// <see cref="ConfirmedGrant"/> and <see cref="IsConnectUndecided"/> from other threads. They may see an old value, and
/// see the new one with their next check.
/// </remarks>
internal sealed class RequestHandler(
    IAuthenticator authenticator, ConnectionSubscriptions subscriptions, FrontEndLimiters limiters,
    GuessGuard guard, FrontEndOptions options, TimeProvider time, IClientChannel client)
{
    /// <summary>
    /// How long the answer to a connect over its budget of failures waits. A client that opens a new connection for
    /// each guess then makes two guesses per second on each socket. Without the delay, 50 sockets opened 4,000
    /// connections per second, which took 1.4 cores.
    /// </summary>
    public static readonly TimeSpan RefusedConnectDelay = TimeSpan.FromMilliseconds(500);

    private static readonly Refusal NotAuthenticated = new(ProtocolError.NotAuthenticated, "connect first");

    private static readonly Refusal UnknownType = new(
        ProtocolError.UnknownType, "expected connect, subscribe, unsubscribe or ping");

    private readonly SubscribeHandler _subscribing =
        new(subscriptions, limiters.Requests, guard, options, time, client);

    public ConnectionSubscriptions Subscriptions => subscriptions;

    /// <summary>The client's identity; null before it has authenticated.</summary>
    public ClientIdentity? Identity { get; private set; }

    /// <summary>
    /// The grant of the client's token; null without a token. It is set after <c>connected</c> was sent, so that a
    /// notice about the token never comes before the confirmation of the token.
    /// </summary>
    public TokenGrant? ConfirmedGrant { get; private set; }

    /// <summary>
    /// Whether the client's last connect is undecided: it is in progress, or the grain that decides could not be
    /// reached.
    /// </summary>
    public bool IsConnectUndecided { get; private set; }

    /// <summary>Handles a message and replies to it.</summary>
    public async Task HandleAsync(ReadOnlyMemory<byte> utf8)
    {
        var message = ClientMessageParser.Parse(utf8);
        if (RefusalOf(message) is { } refusal)
        {
            var orderId = message.Entries.Count == 1 ? message.Entries[0].OrderId : message.OrderId;
            client.Send(ServerFrames.Error(message.Id, refusal.Code, refusal.Message, orderId));
            return;
        }

        try
        {
            await HandleAsync(message);
        }
        catch (RequestException e)
        {
            client.Send(ServerFrames.Error(message.Id, e.Code, e.Message, orderId: null, e.RetryAfter));
        }
    }

    private Refusal? RefusalOf(ClientMessage message) =>
        message.Refusal is not null ? message.Refusal
        : message.Type == ClientMessageType.Connect ? null
        : Identity is null ? NotAuthenticated
        : message.Type == ClientMessageType.Unknown ? UnknownType
        : null;

    private Task HandleAsync(ClientMessage message)
    {
        switch (message.Type)
        {
            case ClientMessageType.Connect:
                return ConnectAsync(message);
            case ClientMessageType.Subscribe:
                return _subscribing.HandleAsync(Identity!, message);
            case ClientMessageType.Unsubscribe:
                subscriptions.Remove(new FeedKey(Identity!.OrganizationId, message.OrderId));
                client.Send(ServerFrames.Subscription(message.Id, message.OrderId, subscribed: false));
                break;
            default:
                client.Send(ServerFrames.Pong(message.Id));
                break;
        }

        return Task.CompletedTask;
    }

    private async Task ConnectAsync(ClientMessage message)
    {
        await AuthenticateAsync(message);
        var identity = Identity!;
        client.Send(ServerFrames.Connected(message.Id, identity.Grant?.ExpiresAt));
        ConfirmedGrant = identity.Grant;
        EndUncovered(identity);
    }

    /// <summary>Ends the subscriptions that the client's new token no longer covers. The others continue.</summary>
    private void EndUncovered(ClientIdentity identity)
    {
        foreach (var feed in subscriptions.Keys)
        {
            if (AccessRules.FindRefusal(identity, feed.OrderId) is not null)
            {
                subscriptions.Remove(feed);
                client.Send(ServerFrames.Subscription(id: null, feed.OrderId, subscribed: false));
            }
        }
    }

    private async Task AuthenticateAsync(ClientMessage message)
    {
        IsConnectUndecided = true;
        try
        {
            using var permit = await limiters.Requests.AcquireAsync(CancellationToken.None);
            Identity = await authenticator.ConnectAsync(Identity, message);
        }
        catch (RequestException e)
        {
            IsConnectUndecided = false;
            if (e.Code == ProtocolError.RateLimited)
            {
                // Outside of the limiter, so that waiting takes no slot. The connection's reader waits meanwhile.
                await Task.Delay(RefusedConnectDelay, time);
            }

            throw;
        }
        catch (Exception e) when (Transient.Is(e))
        {
            ConnectionMetrics.CountFailedConnect(ProtocolError.Unavailable.Code);
            throw new RequestException(ProtocolError.Unavailable, "nothing was changed; try again");
        }

        IsConnectUndecided = false;
    }
}
