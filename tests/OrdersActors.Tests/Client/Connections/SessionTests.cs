using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using OrdersActors.Client;
using OrdersActors.Client.Connections;
using OrdersActors.Client.Feeds;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Client.Connections;

/// <summary>One session. The test is the server.</summary>
public sealed class SessionTests : IAsyncDisposable
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 2, 3, 4, 0, TimeSpan.Zero));
    private readonly FakeServerSocket _socket = new();
    private readonly FeedTable _feeds = new(1024 * 1024);
    private readonly OrdersClientOptions _options = new() { ApiKey = "oak_test" };
    private readonly CancellationTokenSource _stopping = new();
    private Credentials? _credentials;
    private Session? _session;
    private Task<SessionEnd>? _running;
    private int _connected;

    [Fact]
    public async Task Nothing_is_subscribed_before_the_connect_is_confirmed()
    {
        var watch = _feeds.Join("o-1", 0);
        await StartAsync();
        var connect = await TakeAsync("connect");
        Assert.Equal("oak_test", (string?)connect["data"]!["api_key"]);
        await _time.AdvanceInStepsAsync(TimeSpan.FromSeconds(1));
        Assert.False(_socket.Sent.TryRead(out _));
        Assert.Equal(0, _connected);
        Confirm(connect);
        ClientRig.Confirm(_socket, await TakeAsync("subscribe"), "o-1", 1);
        _socket.SendEvent("o-1", 1);
        await Eventually.Holds(() => !watch.Buffer.IsEmpty, () => "the event");
        Assert.Equal(1, _connected);
    }

    [Fact]
    public async Task Connect_without_an_answer_ends_the_session_after_15_s()
    {
        _feeds.Join("o-1", 0);
        await StartAsync();
        await TakeAsync("connect");
        await _time.AdvanceInStepsAsync(TimeSpan.FromSeconds(14));
        Assert.False(_running!.IsCompleted);
        var end = await EndAsync();
        Assert.Equal((SessionEndKind.Failure, ClientSocket.Broken), (end.Kind, end.Status));
        Assert.Contains("connect", end.Reason!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refused_connect_ends_the_session_with_the_servers_reason()
    {
        _feeds.Join("o-1", 0);
        await StartAsync();
        var connect = await TakeAsync("connect");
        _socket.Receive($$$"""
            {"type":"error","data":{"code":"rate_limited","message":"m","retry_after_ms":700},"id":{{{connect["id"]}}}}
            """);
        var end = await EndAsync();
        Assert.Equal(
            (SessionEndKind.Failure, Verdict.Policy, "rate_limited", TimeSpan.FromMilliseconds(700)),
            (end.Kind, end.Status, end.Reason!.Code, end.Reason.RetryAfter));
    }

    [Fact]
    public async Task Close_has_its_status_and_the_error_before_it()
    {
        await ConnectAsync("o-1");
        _socket.Receive("""{"type":"error","data":{"code":"unavailable","message":"the server is stopping"}}""");
        _socket.Close(1001);
        var end = await EndAsync();
        Assert.Equal((SessionEndKind.Failure, 1001, "unavailable"), (end.Kind, end.Status, end.Reason!.Code));
        Assert.Equal("1001: unavailable the server is stopping", end.ToString());
    }

    [Fact]
    public async Task Missing_event_ends_the_session_so_that_the_next_one_resumes()
    {
        var watch = await ConnectAsync("o-1");
        _socket.SendEvent("o-1", 1);
        _socket.SendEvent("o-1", 3);
        var end = await EndAsync();
        Assert.Equal(SessionEndKind.Failure, end.Kind);
        Assert.Equal([1L], watch.Read());
        _feeds.Begin(isConnected: true);
        Assert.Equal(1, _feeds.NextRequest()!.Value.Message.Data!.After);
    }

    [Theory]
    [InlineData("no JSON")]
    [InlineData("""{"data":{}}""")]
    [InlineData("""{"type":"event","data":{"order_id":"o-1","version":1}}""")]
    public async Task Message_of_another_protocol_ends_the_session(string text)
    {
        await ConnectAsync("o-1");
        _socket.Receive(text);
        Assert.Equal(SessionEndKind.Failure, (await EndAsync()).Kind);
    }

    [Fact]
    public async Task Error_about_a_message_that_was_not_read_ends_the_session()
    {
        await ConnectAsync("o-1");
        _socket.Receive("""{"type":"error","data":{"code":"rate_limited","message":"m","retry_after_ms":20}}""");
        var end = await EndAsync();
        Assert.Equal(("rate_limited", TimeSpan.FromMilliseconds(20)), (end.Reason!.Code, end.Reason.RetryAfter));
    }

    [Fact]
    public async Task Unknown_message_of_a_later_server_is_ignored()
    {
        var watch = await ConnectAsync("o-1");
        _socket.Receive("""{"type":"later","data":[1]}""");
        _socket.SendEvent("o-1", 1);
        await Eventually.Holds(() => !watch.Buffer.IsEmpty, () => "the event after the unknown message");
        Assert.False(_running!.IsCompleted);
    }

    [Fact]
    public async Task Session_without_watches_ends_after_5_s_and_a_new_watch_keeps_it()
    {
        _feeds.Leave(await ConnectAsync("o-1"));
        await TakeAsync("unsubscribe");
        await _time.AdvanceInStepsAsync(TimeSpan.FromSeconds(4));
        var next = _feeds.Join("o-2", 0);
        await TakeAsync("subscribe");
        await _time.AdvanceInStepsAsync(TimeSpan.FromSeconds(4));
        Assert.False(_running!.IsCompleted);
        _feeds.Leave(next);
        Assert.Equal(SessionEndKind.Idle, (await EndAsync()).Kind);
    }

    [Fact]
    public async Task Silent_server_is_left_after_a_ping_without_an_answer()
    {
        await ConnectAsync("o-1");
        _socket.AnswersPings = false;
        await _time.AdvanceInStepsAsync(TimeSpan.FromSeconds(24));
        Assert.Equal(0, _socket.Pings);
        var end = await EndAsync();
        Assert.Equal(1, _socket.Pings);
        Assert.Contains("ping", end.Reason!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Past_that_was_sent_before_renews_the_connection()
    {
        var watch = await ConnectAsync("o-1");
        _socket.SendEvent("o-1", 1);
        await Eventually.Holds(() => !watch.Buffer.IsEmpty, () => "the event");
        // Another watch wants the event, which comes once on a connection.
        _feeds.Join("o-1", 0);
        Assert.Equal(SessionEndKind.Renewal, (await EndAsync()).Kind);
    }

    [Fact]
    public async Task Expiring_token_is_renewed_on_the_connection()
    {
        var asked = 0;
        _options.GetToken = _ => ValueTask.FromResult($"a.b.t{++asked}");
        _feeds.Join("o-1", 0);
        await StartAsync();
        Confirm(await TakeAsync("connect"), "2026-01-02T03:05:30Z");
        ClientRig.Confirm(_socket, await TakeAsync("subscribe"), "o-1", 0);
        await _time.AdvanceInStepsAsync(TimeSpan.FromSeconds(2));
        _socket.Receive("""{"type":"expiring","data":{"expires_at":"2026-01-02T03:05:30Z"}}""");
        var renewal = await TakeAsync("connect");
        Assert.Equal("a.b.t2", (string?)renewal["data"]!["token"]);
        Confirm(renewal, "2026-01-02T04:04:00Z");
        await _time.AdvanceInStepsAsync(TimeSpan.FromSeconds(1));
        Assert.Equal(("a.b.t2", 1), (_session!.Token, _connected));
    }

    [Fact]
    public async Task Application_that_refuses_a_newer_token_ends_the_session_for_good()
    {
        var asked = 0;
        _options.GetToken = _ => asked++ == 0
            ? ValueTask.FromResult("a.b.c") : throw new OrdersUnauthorizedException("signed out");
        await ConnectAsync("o-1");
        await _time.AdvanceInStepsAsync(TimeSpan.FromSeconds(2));
        _socket.Receive("""{"type":"expiring","data":{"expires_at":"2026-01-02T03:05:00Z"}}""");
        var end = await EndAsync();
        Assert.Equal((SessionEndKind.Unauthorized, "unauthorized"), (end.Kind, end.Reason!.Code));
    }

    [Fact]
    public async Task Subscription_that_a_newer_token_does_not_cover_ends_its_watch()
    {
        var watch = await ConnectAsync("o-1");
        _socket.Receive(
            """{"type":"subscription","data":{"order_id":"o-1","scope":"order","status":"unsubscribed"}}""");
        await Eventually.Holds(() => _feeds.IsEmpty, () => "the end of the watch");
        Assert.Equal("access_denied", Assert.Throws<OrdersClientException>(() => watch.Read()).Code);
    }

    [Fact]
    public async Task Stop_of_the_client_ends_the_session()
    {
        await ConnectAsync("o-1");
        await _stopping.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _running!);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        if (_running is not null)
        {
            await _running.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None,
                TaskScheduler.Default);
        }

        _session?.Dispose();
        _credentials?.Dispose();
        _stopping.Dispose();
    }

    private async Task StartAsync()
    {
        _credentials = new Credentials(_options, _time);
        var connect = await _credentials.GetAsync(TestContext.Current.CancellationToken);
        _session = new Session(_socket, _feeds, _credentials, connect, _time, new Random(1), () => _connected++);
        _running = _session.RunAsync(_stopping.Token);
    }

    /// <summary>Watches an order on a new session: the next event is the first.</summary>
    private async Task<Watch> ConnectAsync(string order)
    {
        var watch = _feeds.Join(order, 0);
        await StartAsync();
        Confirm(await TakeAsync("connect"));
        ClientRig.Confirm(_socket, await TakeAsync("subscribe"), order, 0);
        await Eventually.Holds(
            () => _feeds.FindFeed(order)!.Status == FeedStatus.Live, () => "the confirmation was not handled");
        return watch;
    }

    private void Confirm(JsonNode connect, string? expiresAt = null)
    {
        var data = new JsonObject { ["status"] = "authenticated" };
        if (expiresAt is not null)
        {
            data["expires_at"] = expiresAt;
        }

        _socket.Receive(new JsonObject
        {
            ["type"] = "connected",
            ["data"] = data,
            ["id"] = connect["id"]!.DeepClone(),
        });
    }

    private async Task<JsonNode> TakeAsync(string type)
    {
        JsonNode? message = null;
        await _time.AdvanceUntilAsync(() => _socket.Sent.TryRead(out message), () => $"a {type} was not sent");
        Assert.Equal(type, (string?)message!["type"]);
        return message;
    }

    private async Task<SessionEnd> EndAsync()
    {
        await _time.AdvanceUntilAsync(() => _running!.IsCompleted, () => "the session has not ended");
        return await _running!;
    }
}
