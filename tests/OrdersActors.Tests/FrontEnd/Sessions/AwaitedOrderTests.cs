using OrdersActors.FrontEnd;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.FrontEnd.Sessions;

/// <summary>Subscriptions that are confirmed before the order's first event.</summary>
public sealed class AwaitedOrderTests(OrderCluster cluster) : IClassFixture<OrderCluster>
{
    private readonly string _shop = OrderCluster.NewOrganization();

    [Theory]
    [InlineData("""{"order_id":"o"}""")]
    [InlineData("""{"order_id":"o","after":0}""")]
    [InlineData("""{"order_id":"o","last":0}""")]
    [InlineData("""{"order_id":"o","last":1}""")]
    [InlineData("""{"order_id":"o","epoch":"{epoch}"}""")]
    [InlineData("""{"order_id":"o","after":7,"epoch":"another"}""")]
    [InlineData("""{"orders":[{"order_id":"p"},{"order_id":"o"}]}""")]
    [InlineData("""{"orders":[{"order_id":"p","after":0},{"order_id":"o","after":0}]}""")]
    public async Task Order_that_the_token_names_starts_with_its_first_event(string data)
    {
        await using var client = await RequestClient.ConnectAsync(cluster, _shop, ["o", "p"]);
        await SubscribeAsync(client, data.Replace("{epoch}", cluster.Log.Epoch, StringComparison.Ordinal));
        await Eventually.Holds(
            () => client.Replies.Any(reply => reply.Contains("\"o\"", StringComparison.Ordinal)), () => "no reply");
        Assert.All(client.Replies, reply => Assert.Contains("\"subscribed\"", reply, StringComparison.Ordinal));
        for (var i = 0; i < 3; i++)
        {
            await cluster.AppendAsync(_shop, "o");
        }

        await Eventually.Equal(["o 1", "o 2", "o 3"], () => client.Events);
    }

    [Theory]
    [InlineData("\"after\":0", "true")]
    [InlineData("\"last\":5", "true")]
    [InlineData("\"after\":7,\"epoch\":\"another\"", "false,\"earliest\":1")]
    public async Task Confirmation_states_that_the_order_has_no_events(string resume, string resumed)
    {
        await using var client = await RequestClient.ConnectAsync(cluster, _shop, ["o"]);
        await SubscribeAsync(client, $$"""{"order_id":"o",{{resume}}}""");
        await Eventually.Equal(
            [
                """{"type":"subscription","data":{"order_id":"o","scope":"order","status":"subscribed","resumed":"""
                + $$$"""{{{resumed}}},"epoch":"{{{cluster.Log.Epoch}}}","position":0}}""",
            ],
            () => client.Replies);
    }

    [Fact]
    public async Task Number_beyond_the_missing_events_is_refused_without_an_epoch()
    {
        await using var client = await RequestClient.ConnectAsync(cluster, _shop, ["o"]);
        await SubscribeAsync(client, """{"order_id":"o","after":7}""");
        await Eventually.Holds(() => client.Replies.Any(), () => "no reply");
        Assert.Contains("invalid_message", client.Replies.Single(), StringComparison.Ordinal);
        Assert.Equal(0, client.Subscriptions.Count);
    }

    [Fact]
    public async Task Orders_that_the_token_does_not_name_are_denied_alike_whether_they_exist()
    {
        await cluster.AppendAsync(_shop, "exists");
        await using var client = await RequestClient.ConnectAsync(cluster, _shop, ["o"]);
        foreach (var more in (string[])["", ",\"after\":0", ",\"last\":1"])
        {
            client.Clear();
            await SubscribeAsync(client, $$"""{"order_id":"exists"{{more}}}""");
            await SubscribeAsync(client, $$"""{"order_id":"missing"{{more}}}""");
            await SubscribeAsync(client, $$"""{"orders":[{"order_id":"exists"{{more}}},{"order_id":"missing"}]}""");
            await Eventually.Equal([4], () => [client.Replies.Count()]);
            Assert.Single(client.Replies.Select(reply =>
                reply.Replace("exists", "missing", StringComparison.Ordinal)).Distinct());
            Assert.Contains("the token does not name this order", client.Replies.First(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Holder_of_an_open_key_is_denied_an_order_that_another_client_awaits()
    {
        await using var awaiting = await RequestClient.ConnectAsync(cluster, _shop, ["o"]);
        await SubscribeAsync(awaiting, """{"order_id":"o"}""");
        await using var open = await RequestClient.ConnectAsync(cluster, _shop);
        foreach (var data in (string[])["""{"order_id":"o"}""", """{"order_id":"o","after":0}"""])
        {
            await SubscribeAsync(open, data);
        }

        await Eventually.Equal([2], () => [open.Replies.Count()]);
        Assert.All(open.Replies, reply => Assert.Contains("no such order", reply, StringComparison.Ordinal));
        await cluster.AppendAsync(_shop, "o");
        await SubscribeAsync(open, """{"order_id":"o"}""");
        await cluster.AppendAsync(_shop, "o");
        await Eventually.Equal(["o 1", "o 2"], () => awaiting.Events);
        await Eventually.Equal(["o 2"], () => open.Events);
    }

    [Fact]
    public async Task Client_awaits_at_most_as_many_orders_as_it_may_have_subscriptions()
    {
        await using var client = await RequestClient.ConnectAsync(
            cluster, _shop, ["a", "b", "c"], new FrontEndOptions { MaxSubscriptions = 2 });
        foreach (var order in (string[])["a", "b", "c"])
        {
            await SubscribeAsync(client, $$"""{"order_id":"{{order}}"}""");
        }

        await Eventually.Equal([3], () => [client.Replies.Count()]);
        Assert.Contains("too_many_subscriptions", client.Replies.Last(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Customers_whose_subscribe_races_with_the_first_event_see_every_version_once()
    {
        // A checkout publishes the order while the customer's page connects. The page asks for everything from the
        // start, as the example of the protocol page does.
        const int checkouts = 1000;
        var orders = Enumerable.Range(0, checkouts).Select(i => $"o-{i}").ToArray();
        await using var first = await RequestClient.ConnectAsync(cluster, _shop, orders[..500]);
        await using var second = await RequestClient.ConnectAsync(cluster, _shop, orders[500..]);
        await Parallel.ForAsync(0, 2, TestContext.Current.CancellationToken, async (half, _) =>
        {
            var client = half == 0 ? first : second;
            foreach (var order in orders.Skip(half * 500).Take(500))
            {
                var publishing = Task.Run(() => cluster.AppendAsync(_shop, order), CancellationToken.None);
                await SubscribeAsync(client, $$"""{"order_id":"{{order}}","after":0}""");
                await publishing;
                await cluster.AppendAsync(_shop, order);
            }
        });
        string[] expected = [.. orders.SelectMany(order => (string[])[$"{order} 1", $"{order} 2"]).Order()];
        await Eventually.Equal(expected, () => first.Events.Concat(second.Events).Order());
        foreach (var client in (RequestClient[])[first, second])
        {
            Assert.All(
                client.Events.GroupBy(e => e.Split(' ')[0]),
                order => Assert.Equal([$"{order.Key} 1", $"{order.Key} 2"], order));
        }
    }

    [Fact]
    public async Task Customers_who_subscribed_before_the_first_event_see_it_without_resuming()
    {
        var orders = Enumerable.Range(0, 200).Select(i => $"o-{i}").ToArray();
        await using var client = await RequestClient.ConnectAsync(cluster, _shop, orders);
        foreach (var order in orders)
        {
            await SubscribeAsync(client, $$"""{"order_id":"{{order}}"}""");
            await cluster.AppendAsync(_shop, order);
        }

        await Eventually.Equal(orders.Select(order => $"{order} 1").Order(), () => client.Events.Order());
    }

    private static Task SubscribeAsync(RequestClient client, string data) =>
        client.HandleAsync($$"""{"type":"subscribe","data":{{data}}}""");
}
