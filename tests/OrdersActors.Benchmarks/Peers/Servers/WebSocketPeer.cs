using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace OrdersActors.Benchmarks.Peers.Servers;

/// <summary>
/// A server on ASP.NET Core's WebSockets with the messages of OrdersActors: connect, subscribe, event. It stores
/// nothing.
/// </summary>
/// <typeparam name="TClient">A connection, for the sender.</typeparam>
/// <param name="accept">Makes the connection.</param>
/// <param name="send">Sends a message to all subscribers of an order.</param>
internal sealed class WebSocketPeer<TClient>(
    Func<HttpContext, WebSocket, TClient> accept, Action<TClient[], byte[]> send)
    where TClient : notnull
{
    private const int MostBytes = 1024;

    // The same as OrdersActors.
    private static readonly TimeSpan PingInterval = TimeSpan.FromSeconds(25);

    private readonly ConcurrentDictionary<string, TClient[]> _orders = new();
    private long _version;

    public async Task RunAsync(int port, int triggerPort)
    {
        var app = PeerWeb.CreateBuilder(port).Build();
        app.UseWebSockets(new WebSocketOptions { KeepAliveInterval = PingInterval });
        app.Run(ServeAsync);
        await PeerWeb.RunAsync(app, triggerPort, trigger =>
        {
            if (_orders.TryGetValue(EventPayload.OrderId(trigger.Topic), out var clients))
            {
                send(clients, EventPayload.Message(trigger, ++_version));
            }
        });
    }

    private async Task ServeAsync(HttpContext context)
    {
        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        var client = accept(context, socket);
        var (isAuthenticated, order) = (false, (string?)null);
        var buffer = new byte[MostBytes];
        try
        {
            while (true)
            {
                var part = await socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
                if (part.MessageType == WebSocketMessageType.Close || !part.EndOfMessage)
                {
                    return;
                }

                using var message = JsonDocument.Parse(buffer.AsMemory(0, part.Count));
                var data = message.RootElement.GetProperty("data");
                if (message.RootElement.GetProperty("type").ValueEquals("connect"u8))
                {
                    isAuthenticated = PeerAccount.IsSigned(
                        data.GetProperty("api_key").GetString(),
                        data.GetProperty("authorization_signature").GetString());
                    await SendAsync(socket, isAuthenticated
                        ? """{"type":"connected","data":{"status":"authenticated"}}"""u8.ToArray()
                        : """{"type":"error","data":{"code":"unauthorized"}}"""u8.ToArray());
                }
                else if (isAuthenticated && data.GetProperty("order_id").GetString() is { } subscribed)
                {
                    order = subscribed;
                    _orders.AddOrUpdate(order, [client], (_, others) => [.. others, client]);
                    await SendAsync(socket, JsonSerializer.SerializeToUtf8Bytes(new
                    {
                        type = "subscription",
                        data = new { order_id = order, scope = "order", status = "subscribed" },
                    }));
                }
            }
        }
        catch (WebSocketException)
        {
            // The client has gone.
        }
        finally
        {
            if (order is not null)
            {
                _orders.AddOrUpdate(order, [], (_, clients) => [.. clients.Where(other => !other.Equals(client))]);
            }
        }
    }

    private static ValueTask SendAsync(WebSocket socket, byte[] message) =>
        socket.SendAsync(message.AsMemory(), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
}
