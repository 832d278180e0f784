using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using OrdersActors.FrontEnd;
using OrdersActors.FrontEnd.Limits;
using OrdersActors.FrontEnd.Sessions;
using OrdersActors.FrontEnd.Sessions.Authentication;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.FrontEnd.Sessions;

/// <summary>The answers to a client, also while the log is unavailable.</summary>
public sealed class RequestHandlerTests(FaultyOrderCluster cluster) : IClassFixture<FaultyOrderCluster>
{
    private readonly string _shop = OrderCluster.NewOrganization();

    [Fact]
    public async Task Client_that_uses_no_extensions_sees_none()
    {
        var order = $"{_shop}/1";
        await cluster.AppendAsync(_shop, order);
        await using var client = await RequestClient.ConnectAsync(cluster, _shop);
        await client.HandleAsync(Message("subscribe", new { order_id = order }));
        await client.HandleAsync(Message("subscribe", new { order_id = order }));
        await client.HandleAsync(Message("unsubscribe", new { order_id = order }));
        await client.HandleAsync(Message("subscribe", new { order_id = "there-is-none" }));
        string[] expected =
        [
            $$$"""{"type":"subscription","data":{"order_id":"{{{order}}}","scope":"order","status":"subscribed"}}""",
            $$$"""{"type":"subscription","data":{"order_id":"{{{order}}}","scope":"order","status":"subscribed"}}""",
            $$$"""{"type":"subscription","data":{"order_id":"{{{order}}}","scope":"order","status":"unsubscribed"}}""",
            """{"type":"error","data":{"code":"access_denied","message":"access denied: """
            + """no such order in your organization","order_id":"there-is-none"}}""",
        ];
        await Eventually.Equal(expected, () => client.Replies);
    }

    [Fact]
    public async Task Refusal_echoes_the_id_and_the_order_of_the_message()
    {
        await using var client = await RequestClient.ConnectAsync(cluster, _shop);
        await client.HandleAsync("""{"type":"subscribe","id":7,"data":{"order_id":"o-1","after":"3"}}""");
        await Eventually.Equal(
            [
                """{"type":"error","data":{"code":"invalid_message","message":"invalid message: """
                + """after must be an integer, not a string","order_id":"o-1"},"id":7}""",
            ],
            () => client.Replies);
    }

    [Fact]
    public async Task Answer_to_a_connect_over_its_budget_waits()
    {
        var time = new FakeTimeProvider();
        var budgets = new FailedConnectBudgets(
            Options.Create(new FrontEndOptions { FailedConnectsPerAddress = 1, FailedConnectRatePerAddress = 1 }),
            time);
        await using var client = new RequestClient(
            cluster, time: time,
            authenticator: new GuardedAuthenticator(
                new Authenticator(cluster.Grains, NullLogger<Authenticator>.Instance), budgets, address: null,
                maxFailed: 1, new RecordingChannel(), NullLogger.Instance));
        var connect = Message("connect", new { api_key = "wrong" });
        await client.HandleAsync(connect);
        await Eventually.Equal([1], () => [client.Replies.Count()]);

        var handling = client.HandleAsync(connect);

        time.Advance(RequestHandler.RefusedConnectDelay - TimeSpan.FromMilliseconds(1));
        Assert.False(handling.IsCompleted);
        time.Advance(TimeSpan.FromMilliseconds(1));
        await handling;
        await Eventually.Equal([2], () => [client.Replies.Count()]);
        Assert.Contains("rate_limited", client.Replies.Last(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Events_published_while_the_log_is_unreadable_are_delivered_afterwards()
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

    private static string Message(string type, object data) => JsonSerializer.Serialize(new { type, data });
}
