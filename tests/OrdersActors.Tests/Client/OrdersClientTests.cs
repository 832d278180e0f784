using System.Text.Json.Nodes;
using OrdersActors.Client;
using OrdersActors.Client.Connections;
using OrdersActors.TestServer;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Client;

public sealed class OrdersClientTests : IAsyncDisposable
{
    private readonly ClientRig _rig = new();

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    [Fact]
    public async Task Watch_resumes_after_its_last_event_with_its_epoch()
    {
        var watch = _rig.Watch("o-1", 0);
        var socket = await _rig.ConnectAsync();
        Assert.Equal("""{"order_id":"o-1","after":0}""", (await _rig.ConfirmAsync(socket, 2)).ToJsonString());
        socket.SendEvent("o-1", 1);
        socket.SendEvent("o-1", 2);
        await Eventually.Equal([1L, 2], () => watch.Versions);
        socket.Close();

        var next = await _rig.ConnectAsync();
        Assert.Equal(
            """{"order_id":"o-1","after":2,"epoch":"E1"}""", (await _rig.ConfirmAsync(next, 3)).ToJsonString());
        next.SendEvent("o-1", 2);
        next.SendEvent("o-1", 3);
        await Eventually.Equal([1L, 2, 3], () => watch.Versions);
        Assert.Equal(new EventPosition(3, "E1"), watch.Seen.Last().Position);
        Assert.True(socket.IsDisposed);
    }

    [Fact]
    public async Task Watch_without_a_start_asks_for_its_position_so_that_it_resumes_before_the_first_event()
    {
        var watch = _rig.Watch("o-1");
        var socket = await _rig.ConnectAsync();
        Assert.Equal("""{"order_id":"o-1","last":0}""", (await _rig.ConfirmAsync(socket, 4)).ToJsonString());
        socket.Close();
        var next = await _rig.ConnectAsync();
        Assert.Equal(4, (int)(await _rig.ConfirmAsync(next, 5))["after"]!);
        next.SendEvent("o-1", 5);
        await Eventually.Equal([5L], () => watch.Versions);
    }

    [Fact]
    public async Task Missing_event_is_requested_again_on_another_connection()
    {
        var watch = _rig.Watch("o-1", 0);
        var socket = await _rig.ConnectAsync();
        await _rig.ConfirmAsync(socket, 3);
        socket.SendEvent("o-1", 1);
        socket.SendEvent("o-1", 3);
        var next = await _rig.ConnectAsync();
        Assert.Equal(1, (int)(await _rig.ConfirmAsync(next, 3))["after"]!);
        next.SendEvent("o-1", 2);
        next.SendEvent("o-1", 3);
        await Eventually.Equal([1L, 2, 3], () => watch.Versions);
    }

    [Fact]
    public async Task Thousand_watches_come_back_in_messages_under_16_KiB()
    {
        var orders = Enumerable.Range(0, 1000).Select(i => $"order-{i}-{new string('ü', 60)}").ToArray();
        var watches = orders.Select(order => _rig.Watch(order, 0)).ToArray();
        var socket = await _rig.ConnectAsync();
        await ConfirmAllAsync(socket, 1000);
        socket.Close();
        var next = await _rig.ConnectAsync();
        await ConfirmAllAsync(next, 1000);
        Array.ForEach(orders, order => next.SendEvent(order, 1));
        await Eventually.Holds(() => watches.All(watch => watch.Seen.Count == 1), () => "an event for each watch");
        Assert.InRange(next.LongestMessage, 1, 16 * 1024);
    }

    [Fact]
    public async Task Late_watch_with_the_current_status_gets_the_newest_event_without_a_request()
    {
        _rig.Watch("o-1", 0);
        var socket = await _rig.ConnectAsync();
        await _rig.ConfirmAsync(socket, 1);
        socket.SendEvent("o-1", 1);
        await Task.Delay(50, TestContext.Current.CancellationToken);
        var late = _rig.Watch("o-1", WatchStart.Current);
        await Eventually.Equal([1L], () => late.Versions);
        socket.SendEvent("o-1", 2);
        await Eventually.Equal([1L, 2], () => late.Versions);
        Assert.False(socket.Sent.TryRead(out _));
    }

    [Fact]
    public async Task Late_watch_that_wants_the_past_gets_it_on_a_new_connection_and_others_see_nothing_twice()
    {
        var first = _rig.Watch("o-1", 0);
        var socket = await _rig.ConnectAsync();
        await _rig.ConfirmAsync(socket, 2);
        socket.SendEvent("o-1", 1);
        socket.SendEvent("o-1", 2);
        await Eventually.Equal([1L, 2], () => first.Versions);
        var late = _rig.Watch("o-1", 0);
        var next = await _rig.ConnectAsync();
        Assert.Equal(0, (int)(await _rig.ConfirmAsync(next, 2))["after"]!);
        next.SendEvent("o-1", 1);
        next.SendEvent("o-1", 2);
        next.SendEvent("o-1", 3);
        await Eventually.Equal([1L, 2, 3], () => late.Versions);
        await Eventually.Equal([1L, 2, 3], () => first.Versions);
    }

    [Fact]
    public async Task Organization_and_order_get_each_event_that_comes_once()
    {
        var order = _rig.Watch("o-1", 0);
        var all = _rig.Watch(null, 0);
        var socket = await _rig.ConnectAsync();
        var organization = await _rig.TakeAsync(socket, "subscribe");
        Assert.Equal("""{"after":0}""", organization["data"]!.ToJsonString());
        var subscribe = await _rig.TakeAsync(socket, "subscribe");
        ClientRig.Confirm(socket, organization, null, 3);
        // The organization delivers the order's events before the order is confirmed, and only once.
        socket.SendEvent("o-1", 1, 1);
        socket.SendEvent("o-2", 1, 2);
        ClientRig.Confirm(socket, subscribe, "o-1", 2);
        socket.SendEvent("o-1", 2, 3);
        await Eventually.Equal([1L, 2, 3], () => all.Numbers);
        await Eventually.Equal([1L, 2], () => order.Versions);
        Assert.All(order.Seen, update => Assert.Null(update.Sequence));
        socket.Close();

        var next = await _rig.ConnectAsync();
        Assert.Equal("""{"after":3,"epoch":"E1"}""", (await _rig.ConfirmAsync(next, 3)).ToJsonString());
        Assert.Equal(
            """{"order_id":"o-1","after":2,"epoch":"E1"}""", (await _rig.ConfirmAsync(next, 2)).ToJsonString());
    }

    [Fact]
    public async Task Event_of_the_organization_waits_for_earlier_versions_of_its_order()
    {
        var all = _rig.Watch(null);
        var order = _rig.Watch("o-1", 5);
        var socket = await _rig.ConnectAsync();
        await _rig.ConfirmAsync(socket, 70);
        var subscribe = await _rig.TakeAsync(socket, "subscribe");
        socket.SendEvent("o-1", 7, 71);
        ClientRig.Confirm(socket, subscribe, "o-1", 7);
        socket.SendEvent("o-1", 6);
        await Eventually.Equal([6L, 7], () => order.Versions);
        await Eventually.Equal([71L], () => all.Numbers);
    }

    [Fact]
    public async Task Order_whose_past_the_organization_has_delivered_is_watched_on_a_new_connection()
    {
        var all = _rig.Watch(null, 0);
        var socket = await _rig.ConnectAsync();
        await _rig.ConfirmAsync(socket, 1);
        socket.SendEvent("o-1", 1, 1);
        await Eventually.Equal([1L], () => all.Numbers);
        var order = _rig.Watch("o-1", 0);
        var next = await _rig.ConnectAsync();
        await _rig.ConfirmAsync(next, 1);
        await _rig.ConfirmAsync(next, 1);
        next.SendEvent("o-1", 1);
        next.SendEvent("o-1", 2, 2);
        await Eventually.Equal([1L, 2], () => order.Versions);
        await Eventually.Equal([1L, 2], () => all.Numbers);
    }

    [Fact]
    public async Task Slow_reader_continues_after_its_own_position_and_does_not_stall_others()
    {
        await using var rig = new ClientRig(options => options.MaxBufferedBytes = 64 * 1024);
        using var permits = new SemaphoreSlim(0);
        var slow = rig.Watch("slow", 0, permits);
        var fast = rig.Watch("fast", 0);
        var socket = await rig.ConnectAsync();
        await rig.ConfirmAsync(socket, 10);
        for (var version = 1; version <= 10; version++)
        {
            socket.SendEvent("slow", version, details: new string('x', 20_000));
        }

        socket.SendEvent("fast", 1);
        await rig.AdvanceUntilAsync(() => fast.Seen.Count == 1, "the event of the fast watch");
        Assert.Equal("slow", (string?)(await rig.TakeAsync(socket, "unsubscribe"))["data"]!["order_id"]);
        permits.Release(100);

        var next = await rig.ConnectAsync();
        var subscribe = await rig.TakeAsync(next, "subscribe");
        var after = ClientRig.EntriesOf(subscribe)
            .ToDictionary(entry => (string)entry["order_id"]!, entry => (int)entry["after"]!);
        Assert.Equal(1, after["fast"]);
        Assert.InRange(after["slow"], 1, 9);
        ClientRig.Confirm(next, subscribe, "slow", 10);
        ClientRig.Confirm(next, subscribe, "fast", 1);
        for (var version = after["slow"] + 1; version <= 10; version++)
        {
            next.SendEvent("slow", version);
        }

        await Eventually.Equal(Enumerable.Range(1, 10).Select(version => (long)version), () => slow.Versions);
        Assert.Single(fast.Seen);
    }

    [Fact]
    public async Task Gap_ends_a_watch_without_OnGap_and_a_new_one_continues_after_it()
    {
        var watch = _rig.Watch("o-1", new EventPosition(2, "E1"));
        var socket = await _rig.ConnectAsync();
        await _rig.ConfirmAsync(socket, 9, earliest: 5);
        await Eventually.Holds(() => watch.Failure is not null, () => "the exception");
        var gap = Assert.IsType<OrderGapException>(watch.Failure).Gap;
        Assert.Equal(new OrderGap("o-1", 3, 5, IsRewritten: false, new EventPosition(4, "E1")), gap);
        Assert.Contains("3 to 4", watch.Failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rewritten_history_is_told_between_the_events_before_and_after()
    {
        var told = new List<(int Seen, OrderGap Gap)>();
        WatchRun? watch = null;
        await using var rig = new ClientRig(options => options.OnGap = (gap, _) =>
        {
            told.Add((watch!.Seen.Count, gap));
            return ValueTask.CompletedTask;
        });
        watch = rig.Watch("o-1", new EventPosition(3, "E1"));
        var socket = await rig.ConnectAsync();
        await rig.ConfirmAsync(socket, 2, "E2", earliest: 1);
        socket.SendEvent("o-1", 1);
        socket.SendEvent("o-1", 2);
        await Eventually.Equal([1L, 2], () => watch.Versions);
        Assert.Equal(
            (0, new OrderGap("o-1", 4, 1, IsRewritten: true, new EventPosition(0, "E2"))), Assert.Single(told));
        Assert.Equal("E2", watch.Seen.Last().Position.Epoch);
    }

    [Fact]
    public async Task Watches_of_different_histories_share_a_feed()
    {
        var gaps = new List<OrderGap>();
        await using var rig = new ClientRig(options => options.OnGap = (gap, _) =>
        {
            gaps.Add(gap);
            return ValueTask.CompletedTask;
        });
        var old = rig.Watch("o-1", new EventPosition(9, "E0"));
        var current = rig.Watch("o-1", new EventPosition(2, "E1"));
        var socket = await rig.ConnectAsync();
        Assert.Equal("""{"order_id":"o-1","after":0}""", (await rig.ConfirmAsync(socket, 3)).ToJsonString());
        for (var version = 1; version <= 3; version++)
        {
            socket.SendEvent("o-1", version);
        }

        await Eventually.Equal([1L, 2, 3], () => old.Versions);
        await Eventually.Equal([3L], () => current.Versions);
        Assert.True(Assert.Single(gaps).IsRewritten);
    }

    [Fact]
    public async Task Refused_order_ends_its_watch_with_the_servers_code_and_the_others_continue()
    {
        var good = _rig.Watch("o-1", 0);
        var bad = _rig.Watch("nobody's", 0);
        var socket = await _rig.ConnectAsync();
        var subscribe = await _rig.TakeAsync(socket, "subscribe");
        ClientRig.Confirm(socket, subscribe, "o-1", 0);
        socket.Receive(
            $$$"""{"type":"error","data":{"code":"access_denied","order_id":"nobody's"},"id":{{{subscribe["id"]}}}}""");
        await Eventually.Holds(() => bad.Failure is not null, () => "the refusal");
        var failure = Assert.IsType<OrdersClientException>(bad.Failure);
        Assert.Equal(("access_denied", "nobody's"), (failure.Code, failure.OrderId));
        socket.SendEvent("o-1", 1);
        await Eventually.Equal([1L], () => good.Versions);
    }

    [Fact]
    public async Task Subscribe_that_is_refused_for_a_while_is_repeated_not_before_the_given_time()
    {
        var watch = _rig.Watch("o-1", 0);
        var socket = await _rig.ConnectAsync();
        var subscribe = await _rig.TakeAsync(socket, "subscribe");
        socket.Receive(new JsonObject
        {
            ["type"] = "error",
            ["data"] = new JsonObject
            {
                ["code"] = "rate_limited",
                ["message"] = "",
                ["order_id"] = "o-1",
                ["retry_after_ms"] = 8000,
            },
            ["id"] = subscribe["id"]!.DeepClone(),
        });
        await Task.Delay(50, TestContext.Current.CancellationToken);
        await _rig.AdvanceAsync(TimeSpan.FromSeconds(7.9));
        Assert.False(socket.Sent.TryRead(out _));
        await _rig.ConfirmAsync(socket, 1);
        socket.SendEvent("o-1", 1);
        await Eventually.Equal([1L], () => watch.Versions);
    }

    [Fact]
    public async Task Invalid_key_stops_the_client_and_later_watches()
    {
        var watch = _rig.Watch("o-1");
        var socket = await _rig.OpenAsync();
        var connect = await _rig.TakeAsync(socket, "connect");
        socket.Receive(
            $$$"""{"type":"error","data":{"code":"invalid_api_key","message":"m"},"id":{{{connect["id"]}}}}""");
        await Eventually.Holds(() => watch.Failure is not null, () => "the end of the watch");
        Assert.Equal("invalid_api_key", Assert.IsType<OrdersClientException>(watch.Failure).Code);
        await Eventually.Holds(() => _rig.Client.State == OrdersClientState.Closed, () => "the state");
        var later = _rig.Watch("o-2");
        await Eventually.Holds(() => later.Failure is not null, () => "the end of the later watch");
        Assert.Equal("invalid_api_key", ((OrdersClientException)later.Failure!).Code);
        await _rig.AdvanceAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(1, _rig.Attempts);
        Assert.Contains(1802, _rig.Logger.Ids);
    }

    [Fact]
    public async Task Connection_that_cannot_be_opened_is_tried_again_for_ever()
    {
        _rig.Refuse(() => new SocketRefusedException("refused", TimeSpan.Zero, new IOException()));
        var watch = _rig.Watch("o-1", 0);
        await _rig.AdvanceUntilAsync(() => _rig.Attempts >= 12, "twelve attempts", mostSeconds: 600);
        _rig.Refuse(null);
        var socket = await _rig.ConnectAsync();
        await _rig.ConfirmAsync(socket, 1);
        socket.SendEvent("o-1", 1);
        await Eventually.Equal([1L], () => watch.Versions);
    }

    [Fact]
    public async Task Silent_connection_is_pinged_and_left_if_no_answer_comes()
    {
        _rig.Watch("o-1", 0);
        var socket = await _rig.ConnectAsync();
        await _rig.ConfirmAsync(socket, 0);
        await _rig.AdvanceUntilAsync(() => socket.Pings == 2, "two pings", mostSeconds: 120);
        Assert.False(socket.IsDisposed);
        socket.AnswersPings = false;
        await _rig.ConnectAsync();
        Assert.True(socket.IsDisposed);
    }

    [Fact]
    public async Task Connection_is_closed_when_nothing_is_watched_and_opened_by_the_next_watch()
    {
        var watch = _rig.Watch("o-1", 0);
        var socket = await _rig.ConnectAsync();
        await _rig.ConfirmAsync(socket, 0);
        watch.Leave();
        await _rig.TakeAsync(socket, "unsubscribe");
        await _rig.AdvanceUntilAsync(() => socket.IsDisposed, "the close");
        await Eventually.Holds(() => _rig.Client.State == OrdersClientState.Waiting, () => "the state");
        await _rig.AdvanceAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(1, _rig.Attempts);
        _rig.Watch("o-2");
        await _rig.ConnectAsync();
    }

    [Fact]
    public async Task Disposed_client_ends_its_watches_and_refuses_later_ones()
    {
        var watch = _rig.Watch("o-1", 0);
        await _rig.ConnectAsync();
        await _rig.Client.DisposeAsync();
        await Eventually.Holds(() => watch.Failure is not null, () => "the end of the watch");
        Assert.Equal(OrdersClientException.Closed, ((OrdersClientException)watch.Failure!).Code);
        Assert.Equal(OrdersClientState.Closed, _rig.Client.State);
    }

    [Fact]
    public void Wrong_option_is_named()
    {
        var options = new OrdersClientOptions { Address = new Uri("wss://x"), ApiKey = "k", ApiSecret = "s" };
        options.GetToken = _ => ValueTask.FromResult("t");
        var e = Assert.Throws<ArgumentException>(() => new OrdersClient(options));
        Assert.Contains("GetToken", e.Message, StringComparison.Ordinal);
    }

    private async Task ConfirmAllAsync(FakeServerSocket socket, int count)
    {
        for (var confirmed = 0; confirmed < count;)
        {
            var subscribe = await _rig.TakeAsync(socket, "subscribe");
            foreach (var entry in ClientRig.EntriesOf(subscribe))
            {
                ClientRig.Confirm(socket, subscribe, (string?)entry["order_id"], 0);
                confirmed++;
            }
        }
    }
}
