using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using OrdersActors.FrontEnd;
using OrdersActors.FrontEnd.Protocol;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.FrontEnd.Sessions;

public sealed class SubscribeHandlerTests(FaultyOrderCluster cluster) : IClassFixture<FaultyOrderCluster>
{
    private readonly string _shop = OrderCluster.NewOrganization();

    [Theory]
    [InlineData("""{"order_id":"a"}""")]
    [InlineData("""{"order_id":"a","after":0}""")]
    [InlineData("""{"orders":[{"order_id":"a"},{"order_id":"b","after":0}]}""")]
    public async Task Subscribe_is_answered_when_the_log_is_available_again(string data)
    {
        await PublishAsync(("a", 1), ("b", 1));
        await using var client = await RequestClient.ConnectAsync(cluster, _shop);
        cluster.LogIsAway = true;
        var handling = client.HandleAsync(Subscribe(data));
        await Task.Delay(TimeSpan.FromMilliseconds(300), TestContext.Current.CancellationToken);
        Assert.False(handling.IsCompleted);
        Assert.Empty(client.Replies);
        cluster.LogIsAway = false;
        await handling;
        Assert.Null(client.Closed);
        Assert.Equal(data.Contains("orders", StringComparison.Ordinal) ? 2 : 1, client.Subscriptions.Count);
        await Eventually.Holds(
            () => client.Replies.Count() == client.Subscriptions.Count,
            () => $"{client.Subscriptions.Count} confirmations are expected");
        Assert.All(client.Replies, reply => Assert.Contains("\"subscribed\"", reply, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""{"order_id":"a"}""")]
    [InlineData("""{"order_id":"a","last":1}""")]
    [InlineData("""{"orders":[{"order_id":"a"},{"order_id":"b","after":0}]}""")]
    public async Task Subscribe_that_cannot_be_answered_in_time_closes_the_connection_with_1013(string data)
    {
        await PublishAsync(("a", 1), ("b", 1));
        var time = new FakeTimeProvider();
        await using var client = await RequestClient.ConnectAsync(cluster, _shop, time: time);
        cluster.LogIsAway = true;
        try
        {
            var began = time.GetTimestamp();
            var handling = client.HandleAsync(Subscribe(data));
            while (!handling.IsCompleted)
            {
                time.Advance(TimeSpan.FromMilliseconds(100));
                await Task.Delay(1, TestContext.Current.CancellationToken);
            }

            await handling;
            Assert.Same(CloseReason.SubscribeUndecided, client.Closed);
            Assert.Equal(1013, client.Closed!.Status);
            Assert.True(time.GetElapsedTime(began) >= Deadlines.Subscribe);
            Assert.Equal(0, client.Subscriptions.Count);
            Assert.Empty(client.Replies);
        }
        finally
        {
            cluster.LogIsAway = false;
        }
    }

    [Fact]
    public async Task Connection_closed_while_subscribing_is_not_subscribed()
    {
        await PublishAsync(("a", 1));
        await using var client = await RequestClient.ConnectAsync(cluster, _shop);
        cluster.LogIsAway = true;
        var handling = client.HandleAsync(Subscribe("""{"orders":[{"order_id":"a"},{"order_id":"a"}]}"""));
        client.Close(CloseReason.ServerStopping);
        cluster.LogIsAway = false;
        await handling;
        Assert.True(client.Replies.Count() <= 1);
    }

    [Fact]
    public async Task Each_of_many_orders_gets_its_reply_in_order_and_the_limit_holds()
    {
        await PublishAsync([.. Enumerable.Range(0, 30).Select(i => ($"o-{i}", 1))]);
        await using var client = await RequestClient.ConnectAsync(
            cluster, _shop, new FrontEndOptions { MaxSubscriptions = 25 });
        string[] entries =
        [
            """{"order_id":"o-0"}""", """{"order_id":"there-is-none","after":0}""",
            """{"order_id":"o-1","after":"0"}""",
            """{"order_id":"o-0"}""", """{"order_id":"o-1","after":5}""",
            """{"order_id":"o-1","after":5,"epoch":"gone"}""",
            .. Enumerable.Range(2, 18).Select(i => $$"""{"order_id":"o-{{i}}","after":1}"""),
            """{"order_id":"o-2","after":0}""",
        ];
        await client.HandleAsync(Subscribe($$"""{"orders":[{{string.Join(',', entries)}}]}""", id: "\"b\""));
        var more = string.Join(',', Enumerable.Range(18, 10).Select(i => $$"""{"order_id":"o-{{i}}"}"""));
        await client.HandleAsync(Subscribe($$"""{"orders":[{{more}}]}"""));
        string[] expected =
        [
            "o-0 subscribed", "there-is-none access_denied", "o-1 invalid_message", "o-0 subscribed",
            "o-1 invalid_message",
            "o-1 subscribed resumed:False", .. Enumerable.Range(2, 18).Select(i => $"o-{i} subscribed resumed:True"),
            "o-2 subscribed",
            "o-18 subscribed", "o-19 subscribed", .. Enumerable.Range(20, 5).Select(i => $"o-{i} subscribed"),
            .. Enumerable.Range(25, 3).Select(i => $"o-{i} too_many_subscriptions"),
        ];
        await Eventually.Equal(expected, () => client.Replies.Select(Describe));
        Assert.All(client.Replies.Take(entries.Length), reply => Assert.EndsWith(
            ",\"id\":\"b\"}", reply, StringComparison.Ordinal));
        Assert.Equal(25, client.Subscriptions.Count);
        await Eventually.Equal([1L], () => client.Versions);
    }

    [Fact]
    public async Task More_orders_than_the_limit_are_refused_as_a_whole()
    {
        await using var client = await RequestClient.ConnectAsync(
            cluster, _shop, new FrontEndOptions { MaxSubscriptions = 2 });
        await client.HandleAsync(Subscribe("""{"orders":[{"order_id":"a"},{"order_id":"b"},{"order_id":"c"}]}"""));
        await Eventually.Equal(
            [
                """{"type":"error","data":{"code":"invalid_message","message":"invalid message: """
                + """orders must have at most 2 elements, has 3"}}""",
            ],
            () => client.Replies);
    }

    [Fact]
    public async Task Confirmation_of_a_request_with_a_number_or_an_epoch_names_the_feeds_position()
    {
        await PublishAsync(("a", 5));
        foreach (var data in (string[])["\"after\":2", "\"last\":0", $"\"epoch\":\"{cluster.Log.Epoch}\"",
            "\"after\":9,\"epoch\":\"gone\""])
        {
            await using var client = await RequestClient.ConnectAsync(cluster, _shop);
            await client.HandleAsync(Subscribe($$"""{"order_id":"a",{{data}}}"""));
            await Eventually.Holds(() => client.Replies.Any(), () => "no confirmation was received");
            var reply = JsonElement.Parse(client.Replies.Single()).GetProperty("data");
            Assert.Equal(cluster.Log.Epoch, reply.GetProperty("epoch").GetString());
            Assert.Equal(5, reply.GetProperty("position").GetInt64());
            Assert.Equal(!data.Contains("gone", StringComparison.Ordinal), reply.GetProperty("resumed").GetBoolean());
        }
    }

    private string Describe(string reply)
    {
        var data = JsonElement.Parse(reply).GetProperty("data");
        var what = data.TryGetProperty("code", out var code) ? code : data.GetProperty("status");
        var resumed = data.TryGetProperty("resumed", out var answer) ? $" resumed:{answer.GetBoolean()}" : "";
        return $"{data.GetProperty("order_id").GetString()![(_shop.Length + 1)..]} {what.GetString()}{resumed}";
    }

    private async Task PublishAsync(params (string Order, int Count)[] events)
    {
        foreach (var (order, count) in events)
        {
            for (var i = 0; i < count; i++)
            {
                await cluster.AppendAsync(_shop, $"{_shop}/{order}");
            }
        }
    }

    private string Subscribe(string data, string? id = null) => string.Concat(
        """{"type":"subscribe","data":""",
        data.Replace("\"order_id\":\"", $"\"order_id\":\"{_shop}/", StringComparison.Ordinal),
        id is null ? "}" : $",\"id\":{id}}}");
}
