using System.Text.Json;
using OrdersActors.TestServer;

namespace OrdersActors.EndToEndTests.Protocol;

/// <summary>
/// The guarantees of resuming: all kept events past a number, then live events, without gaps or repeats.
/// </summary>
public sealed class ResumeTests(RunningServer running)
{
    [Fact]
    public async Task Order_resumes_after_a_version()
    {
        var shop = await running.NewShopAsync();
        var order = await PublishAsync(shop, 5);
        await using var client = await shop.ConnectAsync();
        await client.SendAsync(SeedClient.Resume(order, 2));
        await client.WaitForEventsAsync(3);
        await shop.PublishAsync(order, "live");
        await client.WaitForEventsAsync(4);
        await client.ExpectResumedAsync(order, position: 5);
        Assert.Equal([3L, 4L, 5L, 6L], Versions(client));
        Assert.All(client.Events, e => Assert.False(e.TryGetProperty("sequence", out _)));
    }

    [Fact]
    public async Task Organization_resumes_after_a_sequence()
    {
        var shop = await running.NewShopAsync();
        await PublishAsync(shop, 3);
        await PublishAsync(shop, 4);
        await using var client = await shop.ConnectSignedAsync();
        await client.SendAsync(SeedClient.Resume(null, 2));
        await client.WaitForEventsAsync(5);
        await shop.PublishAsync(RunningServer.NewOrder());
        await client.WaitForEventsAsync(6);
        await client.ExpectResumedAsync(null, position: 7);
        Assert.Equal([3L, 4L, 5L, 6L, 7L, 8L], Sequences(client));
    }

    [Theory]
    [InlineData(0, new long[0])]
    [InlineData(1, new long[] { 5 })]
    [InlineData(3, new long[] { 3, 4, 5 })]
    [InlineData(100, new long[] { 1, 2, 3, 4, 5 })]
    public async Task Last_events_are_replayed_first(int last, long[] expected)
    {
        var shop = await running.NewShopAsync();
        var order = await PublishAsync(shop, 5);
        await using var client = await shop.ConnectSignedAsync();
        await client.SendAsync($$$"""{"type":"subscribe","data":{"order_id":"{{{order}}}","last":{{{last}}}}}""");
        await client.ExpectResumedAsync(order, position: 5);
        await client.WaitForEventsAsync(expected.Length);
        await shop.PublishAsync(order, "live");
        await client.WaitForEventsAsync(expected.Length + 1);
        Assert.Equal([.. expected, 6], Versions(client));

        await using var whole = await shop.ConnectSignedAsync();
        await whole.SendAsync($$$"""{"type":"subscribe","data":{"last":{{{last}}}}}""");
        await whole.WaitForEventsAsync(Math.Min(last, 6));
        await whole.ExpectResumedAsync(null, position: 6);
        Assert.Equal(Numbers(Math.Max(1, 7 - last), 6), Sequences(whole));
    }

    [Fact]
    public async Task Number_that_was_never_assigned_is_an_error_that_says_so_and_changes_nothing()
    {
        var shop = await running.NewShopAsync();
        var order = await PublishAsync(shop, 2);
        await using var client = await shop.ConnectSignedAsync();
        await client.SendAsync($$$"""{"type":"subscribe","id":4,"data":{"order_id":"{{{order}}}","after":3}}""");
        var error = await client.ExpectErrorAsync("invalid_message");
        Assert.StartsWith(
            "invalid message: after is 3, but the newest event is 2", error.GetProperty("message").GetString(),
            StringComparison.Ordinal);
        Assert.Equal(order, error.GetProperty("order_id").GetString());
        await client.SendAsync(SeedClient.Resume(null, 3));
        await client.ExpectErrorAsync("invalid_message", 2);
        await shop.PublishAsync(order, "not subscribed");
        await client.SendAsync(SeedClient.Resume(order, 3));
        await shop.PublishAsync(order, "subscribed");
        await client.WaitForEventsAsync(1);
        Assert.Equal([4L], Versions(client));
    }

    [Theory]
    [InlineData("\"after\":1,\"epoch\":\"another\"")]
    [InlineData("\"after\":99,\"epoch\":\"another\"")]
    [InlineData("\"after\":99,\"epoch\":\"{0}\"")]
    [InlineData("\"last\":1,\"epoch\":\"another\"")]
    [InlineData("\"epoch\":\"another\"")]
    public async Task Number_of_another_history_replays_all_kept_events(string data)
    {
        var shop = await running.NewShopAsync();
        var order = await PublishAsync(shop, 3);
        await using var first = await shop.ConnectSignedAsync();
        await first.SendAsync(SeedClient.Resume(order, 3));
        var epoch = await first.ExpectResumedAsync(order, position: 3);
        data = data.Replace("{0}", epoch, StringComparison.Ordinal);

        await using var client = await shop.ConnectSignedAsync();
        await client.SendAsync($$$"""{"type":"subscribe","data":{"order_id":"{{{order}}}",{{{data}}}}}""");
        Assert.Equal(epoch, await client.ExpectResumedAsync(order, position: 3, earliest: 1));
        await client.WaitForEventsAsync(3);
        Assert.Equal([1L, 2L, 3L], Versions(client));

        await using var whole = await shop.ConnectSignedAsync();
        await whole.SendAsync($$$"""{"type":"subscribe","data":{{{{data}}}}}""");
        Assert.Equal(epoch, await whole.ExpectResumedAsync(null, position: 3, earliest: 1));
        await whole.WaitForEventsAsync(3);
        Assert.Equal([1L, 2L, 3L], Sequences(whole));
    }

    [Theory]
    [InlineData("\"after\":2,\"epoch\":\"{0}\"", new long[] { 3 })]
    [InlineData("\"epoch\":\"{0}\"", new long[0])]
    public async Task Number_of_the_same_history_resumes(string data, long[] expected)
    {
        var shop = await running.NewShopAsync();
        var order = await PublishAsync(shop, 3);
        await using var first = await shop.ConnectAsync();
        await first.SendAsync(SeedClient.Resume(order, 3));
        var epoch = await first.ExpectResumedAsync(order, position: 3);

        data = data.Replace("{0}", epoch, StringComparison.Ordinal);
        await using var client = await shop.ConnectAsync();
        await client.SendAsync($$$"""{"type":"subscribe","data":{"order_id":"{{{order}}}",{{{data}}}}}""");
        Assert.Equal(epoch, await client.ExpectResumedAsync(order, position: 3));
        await shop.PublishAsync(order, "live");
        await client.WaitForEventsAsync(expected.Length + 1);
        Assert.Equal([.. expected, 4], Versions(client));
    }

    [Fact]
    public async Task Resume_of_another_organizations_order_is_denied()
    {
        var (shop, other) = (await running.NewShopAsync(), await running.NewShopAsync());
        var order = await PublishAsync(other, 2);
        await using var client = await shop.ConnectAsync();
        await client.SendAsync(SeedClient.Resume(order, 0));
        var theirs = await client.ExpectErrorAsync("access_denied");
        var nobodys = RunningServer.NewOrder();
        await client.SendAsync(SeedClient.Resume(nobodys, 99));
        var missing = await client.ExpectErrorAsync("access_denied", 2);
        Assert.Equal(theirs.GetProperty("message").GetString(), missing.GetProperty("message").GetString());
        await client.SendAsync(SeedClient.Resume(null, 0));
        await client.ExpectErrorAsync("access_denied", 3);
        Assert.Empty(client.Events);
    }

    [Fact]
    public async Task Repeated_subscribe_with_another_after_is_confirmed_and_replays_nothing()
    {
        var shop = await running.NewShopAsync();
        var order = await PublishAsync(shop, 3);
        await using var client = await shop.ConnectAsync();
        await client.SendAsync(SeedClient.Resume(order, 2));
        await client.SendAsync(SeedClient.Resume(order, 0));
        await client.ExpectAsync(
            $$$"""{"type":"subscription","data":{"order_id":"{{{order}}}","scope":"order","status":"subscribed"}}""");
        await shop.PublishAsync(order, "live");
        await client.WaitForEventsAsync(2);
        Assert.Equal([3L, 4L], Versions(client));

        // After an unsubscribe, the client can request everything from the beginning.
        await client.SendAsync(SeedClient.Subscription("unsubscribe", order));
        await client.SendAsync(SeedClient.Resume(order, 0));
        await client.WaitForEventsAsync(6);
        Assert.Equal([3L, 4L, 1L, 2L, 3L, 4L], Versions(client));
    }

    [Fact]
    public async Task Unsubscribe_ends_a_replay()
    {
        var shop = await running.NewShopAsync();
        var order = await PublishAsync(shop, 20_000);
        await using var client = await shop.ConnectAsync();
        await client.SendAsync(SeedClient.Resume(order, 0));
        await client.WaitForEventsAsync(1);
        await client.SendAsync(SeedClient.Subscription("unsubscribe", order));
        var confirmation =
            $$$"""{"type":"subscription","data":{"order_id":"{{{order}}}","scope":"order","status":"unsubscribed"}}""";
        await client.ExpectAsync(confirmation);
        await shop.PublishAsync(order, "live");
        await client.SendAsync("""{"type":"ping"}""");
        await client.ExpectAsync("""{"type":"pong"}""");
        Assert.Equal(confirmation, client.Received[^2].GetRawText());
        Assert.Equal(Numbers(1, client.Events.Count), Versions(client));

        // Then it resumes where it stopped.
        await client.SendAsync(SeedClient.Resume(order, client.Events.Count));
        await client.WaitForEventsAsync(20_001);
        Assert.Equal(Numbers(1, 20_001), Versions(client));
    }

    [Fact]
    public async Task Resume_during_a_stream_of_events_delivers_each_event_once_and_in_order()
    {
        const int Total = 3000;
        var shop = await running.NewShopAsync();
        var order = await PublishAsync(shop, 100);
        var pouring = PourAsync(shop, order, Total);
        var clients = new List<(SeedClient Client, bool IsOrder, long After)>();
        var random = new Random(1);
        do
        {
            var (isOrder, after) = (random.Next(2) == 0, random.Next(100));
            var client = isOrder ? await shop.ConnectAsync() : await shop.ConnectSignedAsync();
            await client.SendAsync(SeedClient.Resume(isOrder ? order : null, after));
            clients.Add((client, isOrder, after));
        }
        while (!pouring.IsCompleted && clients.Count < 40);

        await pouring;
        foreach (var (client, isOrder, after) in clients)
        {
            await client.WaitForEventsAsync(100 + Total - (int)after);
            Assert.Equal(Numbers(after + 1, 100 + Total), isOrder ? Versions(client) : Sequences(client));
            await client.DisposeAsync();
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Order_and_organization_resumed_on_one_connection_deliver_each_event_once(bool orderFirst)
    {
        const int Total = 1000;
        var shop = await running.NewShopAsync();
        var order = await PublishAsync(shop, 300);
        var pouring = PourAsync(shop, order, Total);
        await using var client = await shop.ConnectSignedAsync();
        string[] requests = [SeedClient.Resume(order, 50), SeedClient.Resume(null, 0)];
        foreach (var request in orderFirst ? requests : requests.Reverse())
        {
            await client.SendAsync(request);
        }

        await pouring;
        await client.WaitForEventsAsync(300 + Total);
        await client.SendAsync("""{"type":"ping"}""");
        await client.ExpectAsync("""{"type":"pong"}""");
        Assert.Equal(Numbers(1, 300 + Total), Versions(client).Order());
        var sequences = Sequences(client).ToArray();
        Assert.Equal(sequences.Order(), sequences);
        Assert.Equal(300 + Total, sequences[^1]);
    }

    [Fact]
    public async Task Replay_of_large_events_adapts_to_the_clients_pace_and_does_not_disconnect_it()
    {
        var shop = await running.NewShopAsync();
        var order = RunningServer.NewOrder();
        var details = $$"""{"text":"{{new string('x', 60_000)}}"}""";
        for (var i = 0; i < 100; i++)
        {
            await shop.PublishAsync(order, "grown", details);
        }

        await using var client = await shop.ConnectAsync();
        await client.SendAsync(SeedClient.Resume(order, 0));
        await client.WaitForEventsAsync(100);
        Assert.Equal(Numbers(1, 100), Versions(client));
        Assert.All(client.Events, e => Assert.Equal(details, e.GetProperty("details").GetRawText()));
    }

    [Fact]
    public async Task Long_replay_does_not_block_other_subscriptions_and_connections()
    {
        var shop = await running.NewShopAsync();
        var order = await PublishAsync(shop, 100_000);
        var quick = await PublishAsync(shop, 1);
        await using var client = await shop.ConnectAsync();
        await using var other = await shop.ConnectAsync();
        await other.SubscribeAsync(quick);
        await client.SendAsync(SeedClient.Resume(order, 0));
        await client.SubscribeAsync(quick);
        await shop.PublishAsync(quick, "live");
        await other.WaitForEventsAsync(1);
        await client.WaitForAsync(
            messages => messages.Any(
                m => m.GetProperty("data").TryGetProperty("status", out var s) && s.ValueEquals("live")),
            "the live event");
        await client.WaitForEventsAsync(100_001);
        Assert.Equal(
            Numbers(1, 100_000),
            client.Events.Where(e => e.GetProperty("order_id").ValueEquals(order)).Select(Version));
    }

    private async Task<string> PublishAsync(Shop shop, int count)
    {
        var order = RunningServer.NewOrder();
        await running.Service.Publisher.PublishAsync(
            shop.Organization,
            [.. Enumerable.Range(1, count).Select(i => new OrderStatusEvent { OrderId = order, Status = $"s{i}" })],
            TestContext.Current.CancellationToken);
        return order;
    }

    private async Task PourAsync(Shop shop, string order, int count)
    {
        await Task.Yield();
        for (var i = 0; i < count; i += 10)
        {
            await running.Service.Publisher.PublishAsync(
                shop.Organization,
                [.. Enumerable.Range(0, 10).Select(_ => new OrderStatusEvent { OrderId = order, Status = "pouring" })],
                TestContext.Current.CancellationToken);
        }
    }

    private static IEnumerable<long> Versions(SeedClient client) => client.Events.Select(Version);

    private static long Version(JsonElement e) => e.GetProperty("version").GetInt64();

    private static IEnumerable<long> Sequences(SeedClient client) => client.Events
        .Where(e => e.TryGetProperty("sequence", out _)).Select(e => e.GetProperty("sequence").GetInt64());

    private static IEnumerable<long> Numbers(long first, long last)
    {
        for (var n = first; n <= last; n++)
        {
            yield return n;
        }
    }
}
