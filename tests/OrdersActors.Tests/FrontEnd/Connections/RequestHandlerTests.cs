using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using OrdersActors.FrontEnd;
using OrdersActors.FrontEnd.Authentication;
using OrdersActors.FrontEnd.Connections;
using OrdersActors.FrontEnd.Subscriptions;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.FrontEnd.Connections;

/// <summary>What a client is told while the log cannot be reached, and afterwards.</summary>
public sealed class RequestHandlerTests(FaultyOrderCluster cluster) : IClassFixture<FaultyOrderCluster>
{
    private readonly string _shop = OrderCluster.NewOrganization();

    [Fact]
    public async Task While_the_log_is_away_a_subscribe_is_unavailable_and_may_be_tried_again()
    {
        var order = $"{_shop}/1";
        await cluster.AppendAsync(_shop, order);
        var key = await cluster.Keys.CreateAsync(_shop, TestContext.Current.CancellationToken);
        await using var socket = new MemoryStream();
        var reader = new FeedReader(cluster.Grains, Options.Create(new FrontEndOptions()));
        var hub = new FeedHub(cluster.Grains, reader, (subscription, frame) => subscription.OnEvent(frame), TimeProvider.System, NullLogger<Feed>.Instance);
        var turns = new FrontEndTurns(TimeProvider.System);
        var outbound = new OutboundQueue(socket, 1024 * 1024, e => throw e);
        await using var subscriptions = new ConnectionSubscriptions(hub, reader, turns, outbound, _ => { }, TimeProvider.System, NullLogger.Instance);
        var handler = new RequestHandler(new Authenticator(cluster.Grains), subscriptions, turns, new FrontEndOptions());
        var connect = JsonSerializer.Serialize(new { type = "connect", data = new { api_key = key.Key } });
        Assert.Contains("authenticated", Text(await handler.HandleAsync(Encoding.UTF8.GetBytes(connect))), StringComparison.Ordinal);

        cluster.LogIsAway = true;
        var subscribe = Encoding.UTF8.GetBytes(
            JsonSerializer.Serialize(new { type = "subscribe", id = 7, data = new { order_id = order } }));
        using (var json = JsonDocument.Parse(Text(await handler.HandleAsync(subscribe))))
        {
            var data = json.RootElement.GetProperty("data");
            Assert.Equal("unavailable", data.GetProperty("code").GetString());
            Assert.StartsWith("temporarily unavailable", data.GetProperty("message").GetString(), StringComparison.Ordinal);
            Assert.Equal(order, data.GetProperty("order_id").GetString());
            Assert.Equal(7, json.RootElement.GetProperty("id").GetInt32());
        }

        Assert.Equal(0, subscriptions.Count);
        cluster.LogIsAway = false;
        Assert.Null(await handler.HandleAsync(subscribe));
        Assert.Equal(1, subscriptions.Count);
        await outbound.CompleteAsync(TimeSpan.FromSeconds(30), TimeProvider.System);
        Assert.Contains("subscribed", Encoding.UTF8.GetString(socket.ToArray()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Events_published_while_the_log_cannot_be_read_come_when_it_can()
    {
        var order = $"{_shop}/2";
        await cluster.AppendAsync(_shop, order);
        var observer = new RecordingObserver();
        await cluster.Grains.GetGrain<IOrderGrain>(new FeedKey(_shop, order).GrainKey)
            .Subscribe(_shop, cluster.Grains.CreateObjectReference<IOrderEventObserver>(observer));
        cluster.LogIsAway = true;
        for (var i = 0; i < 5; i++)
        {
            await cluster.AppendAsync(_shop, order);
        }

        cluster.LogIsAway = false;
        await Eventually.Equal([2L, 3L, 4L, 5L, 6L], () => observer.NumbersOf(new FeedKey(_shop, order)));
    }

    private static string Text(byte[]? frame)
    {
        var header = frame![1] switch { < 126 => 2, 126 => 4, _ => 10 };
        return Encoding.UTF8.GetString(frame.AsSpan(header));
    }
}
