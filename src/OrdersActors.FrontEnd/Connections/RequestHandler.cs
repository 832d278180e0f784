using OrdersActors.FrontEnd.Authentication;
using OrdersActors.FrontEnd.Protocol;
using OrdersActors.FrontEnd.Subscriptions;

namespace OrdersActors.FrontEnd.Connections;

/// <summary>
/// Answers one client's messages: what is asked, whether this client may, and the reply. One message at a time.
/// </summary>
internal sealed class RequestHandler(
    IAuthenticator authenticator, ConnectionSubscriptions subscriptions, FrontEndTurns turns, FrontEndOptions options)
{
    public ConnectionSubscriptions Subscriptions => subscriptions;

    /// <summary>Who the client is; null before it has authenticated.</summary>
    public ClientIdentity? Identity { get; private set; }

    /// <summary>
    /// Whether the client's last connect has had no verdict: it is being worked on, or what decides on it could not be reached.
    /// </summary>
    public bool IsConnectUndecided { get; private set; }

    /// <summary>Handles a message and returns the reply; null where it has been sent already.</summary>
    public async Task<byte[]?> HandleAsync(ReadOnlyMemory<byte> utf8)
    {
        string? id = null;
        ClientMessage? message = null;
        try
        {
            message = ClientMessageParser.Parse(utf8, out id);
            return await HandleAsync(message);
        }
        catch (RequestException e)
        {
            return ServerFrames.Error(id, e.Code, e.Message, message?.OrderId, e.RetryAfter);
        }
        catch (Exception e) when (e is OrleansException or TimeoutException or EventLogUnavailableException)
        {
            return ServerFrames.Error(
                id, ProtocolError.Unavailable, $"{ProtocolError.Unavailable.Words}: nothing was changed; try again", message?.OrderId);
        }
    }

    private async Task<byte[]?> HandleAsync(ClientMessage message)
    {
        if (message.Type == ClientMessageType.Connect)
        {
            return await ConnectAsync(message);
        }

        if (Identity is null)
        {
            throw new RequestException(ProtocolError.NotAuthenticated, "connect first");
        }

        return message.Type switch
        {
            ClientMessageType.Subscribe =>
                await turns.Requests.RunAsync(() => SubscribeAsync(Identity, message), CancellationToken.None),
            ClientMessageType.Unsubscribe => Unsubscribe(Identity, message),
            ClientMessageType.Ping => ServerFrames.Pong(message.Id),
            _ => throw new RequestException(
                ProtocolError.UnknownType, "expected connect, subscribe, unsubscribe or ping"),
        };
    }

    private async Task<byte[]?> ConnectAsync(ClientMessage message)
    {
        IsConnectUndecided = true;
        try
        {
            Identity = await turns.Requests.RunAsync(() => authenticator.ConnectAsync(Identity, message), CancellationToken.None);
        }
        catch (RequestException)
        {
            IsConnectUndecided = false;
            throw;
        }

        IsConnectUndecided = false;
        return ServerFrames.Connected(message.Id);
    }

    private async Task<byte[]?> SubscribeAsync(ClientIdentity client, ClientMessage message)
    {
        var feed = new FeedKey(client.OrganizationId, message.OrderId);
        if (feed.IsOrganization && !client.IsSigned)
        {
            throw new RequestException(
                ProtocolError.AccessDenied, "an organization-wide subscription needs a connect with an authorization_signature");
        }

        if (subscriptions.Contains(feed))
        {
            // Confirmed again, and nothing else: what is subscribed goes on from where it is.
            return ServerFrames.Subscription(message.Id, message.OrderId, subscribed: true);
        }

        if (subscriptions.Count >= options.MaxSubscriptions)
        {
            throw new RequestException(
                ProtocolError.TooManySubscriptions, $"at most {options.MaxSubscriptions} on one connection");
        }

        var resumed = message.Resume is null ? null : await ResumeAsync(feed, message.Resume);
        var confirmation = ServerFrames.Subscription(message.Id, message.OrderId, subscribed: true, resumed);
        return await subscriptions.AddAsync(feed, resumed?.Position, confirmation) ? null : throw NoSuchOrder();
    }

    private async Task<ResumedFrom> ResumeAsync(FeedKey feed, ResumePoint point)
    {
        var bounds = await subscriptions.GetBoundsAsync(feed) ?? throw NoSuchOrder();
        return point.In(bounds) ?? throw new RequestException(
            ProtocolError.InvalidMessage, $"after is {point.After}, but the newest event is {bounds.Last}; begin again with \"after\": 0");
    }

    private static RequestException NoSuchOrder() => new(ProtocolError.AccessDenied, "no such order in your organization");

    private byte[] Unsubscribe(ClientIdentity client, ClientMessage message)
    {
        subscriptions.Remove(new FeedKey(client.OrganizationId, message.OrderId));
        return ServerFrames.Subscription(message.Id, message.OrderId, subscribed: false);
    }
}
