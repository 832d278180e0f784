using System.Collections.Concurrent;
using Microsoft.Extensions.Time.Testing;
using OrdersActors.Client;
using OrdersActors.Client.Connections;
using OrdersActors.Client.Feeds;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Client.Connections;

/// <summary>The connections of a client, one after the other. The test is the server.</summary>
public sealed class ConnectionLoopTests : IAsyncDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly RecordingLogger<ConnectionLoopTests> _logger = new();
    private readonly FeedTable _feeds = new(1024 * 1024);
    private readonly OrdersClientOptions _options = new()
    {
        Address = new Uri("wss://orders.example"),
        ApiKey = "oak_test",
    };

    private readonly ConcurrentQueue<OrdersClientState> _states = [];
    private readonly ConcurrentQueue<FakeServerSocket> _opened = [];
    private readonly CancellationTokenSource _disposed = new();
    private readonly ConnectionLoop _loop;
    private Func<CancellationToken, Task<IClientSocket>> _open;
    private Task? _running;
    private int _attempts;

    public ConnectionLoopTests()
    {
        _open = _ =>
        {
            var socket = new FakeServerSocket();
            _opened.Enqueue(socket);
            return Task.FromResult<IClientSocket>(socket);
        };
        _loop = new ConnectionLoop(
            _options, _feeds,
            cancellation =>
            {
                _attempts++;
                return _open(cancellation);
            },
            _time, new Random(1), _logger, _states.Enqueue);
    }

    [Fact]
    public async Task Loop_connects_with_the_first_watch_and_waits_again_after_the_last()
    {
        Start();
        await _time.AdvanceInStepsAsync(TimeSpan.FromSeconds(3));
        Assert.Equal(0, _attempts);
        var watch = _feeds.Join("o-1", 0);
        var socket = await ConnectAsync();
        _feeds.Leave(watch);
        await ExpectAsync(() => _states.LastOrDefault() == OrdersClientState.Waiting, "the end of the connection");
        Assert.True(socket.IsDisposed);
        await _time.AdvanceInStepsAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(1, _attempts);
        Assert.Equal(
            [OrdersClientState.Connecting, OrdersClientState.Connected, OrdersClientState.Waiting], _states);
    }

    [Fact]
    public async Task Broken_connection_is_replaced_after_a_back_off_and_is_logged()
    {
        _feeds.Join("o-1", 0);
        Start();
        (await ConnectAsync()).Close();
        await ExpectAsync(() => _states.Contains(OrdersClientState.Waiting), "the end of the connection");
        await _time.AdvanceInStepsAsync(TimeSpan.FromMilliseconds(400));
        Assert.Equal(1, _attempts);
        await ConnectAsync();
        Assert.Equal([1800, 1801, 1800], _logger.Ids);
        Assert.Contains("1006", _logger.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Server_that_refuses_the_socket_is_not_asked_before_its_time()
    {
        var open = _open;
        _open = _ => throw new SocketRefusedException("busy", TimeSpan.FromSeconds(40), new IOException());
        _feeds.Join("o-1", 0);
        Start();
        await ExpectAsync(() => _attempts == 1, "the first attempt");
        await _time.AdvanceInStepsAsync(TimeSpan.FromSeconds(39));
        Assert.Equal(1, _attempts);
        _open = open;
        await ConnectAsync();
        Assert.Equal(2, _attempts);
    }

    [Fact]
    public async Task Socket_that_does_not_open_is_given_up_after_10_s()
    {
        _open = async cancellation =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellation);
            throw new InvalidOperationException();
        };
        _feeds.Join("o-1", 0);
        Start();
        await ExpectAsync(() => _attempts == 1, "the first attempt");
        await _time.AdvanceInStepsAsync(TimeSpan.FromSeconds(9.5));
        Assert.Empty(_logger.Ids);
        await ExpectAsync(() => _attempts == 2, "the second attempt");
        Assert.Contains("did not accept the connection in 10 s", _logger.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Credentials_that_fail_for_a_while_are_asked_for_again()
    {
        var asked = 0;
        _options.GetToken = _ => ++asked < 3
            ? throw new InvalidOperationException("the backend is down") : ValueTask.FromResult("a.b.c");
        _feeds.Join("o-1", 0);
        Start();
        await ConnectAsync();
        Assert.Equal((3, 1), (asked, _attempts));
        Assert.Equal([1801, 1801, 1800], _logger.Ids);
    }

    [Theory]
    [InlineData(1003, null, "protocol")]
    [InlineData(1009, "invalid_message", "protocol")]
    [InlineData(1008, "invalid_api_key", "invalid_api_key")]
    public async Task Close_that_makes_further_attempts_pointless_stops_the_client(
        int status, string? reason, string code)
    {
        var watch = _feeds.Join("o-1", 0);
        Start();
        var socket = await ConnectAsync();
        if (reason is not null)
        {
            socket.Receive($$$"""{"type":"error","data":{"code":"{{{reason}}}","message":"m"}}""");
        }

        socket.Close(status);
        await ExpectAsync(() => _running!.IsCompleted, "the end of the loop");
        Assert.Equal(code, Assert.Throws<OrdersClientException>(() => watch.Read()).Code);
        Assert.Equal(code, Assert.Throws<OrdersClientException>(() => _feeds.Join("o-2", 0)).Code);
        Assert.Equal(OrdersClientState.Closed, _states.Last());
        Assert.Equal(1, _attempts);
        Assert.Contains(1802, _logger.Ids);
    }

    [Fact]
    public async Task Token_that_was_replaced_at_the_server_is_asked_for_again()
    {
        var asked = 0;
        _options.GetToken = _ => ValueTask.FromResult($"a.b.t{++asked}");
        _feeds.Join("o-1", 0);
        Start();
        var socket = await ConnectAsync();
        socket.Receive("""{"type":"error","data":{"code":"invalid_token","message":"another secret"}}""");
        socket.Close(1008);
        await ConnectAsync();
        Assert.Equal(2, asked);
    }

    [Fact]
    public async Task Renewal_for_the_past_connects_at_once_but_not_twice_in_a_second()
    {
        var watch = _feeds.Join("o-1", 0);
        Start();
        var started = _time.GetUtcNow();
        for (var renewal = 0; renewal < 2; renewal++)
        {
            var socket = await ConnectAsync();
            ClientRig.Confirm(socket, await TakeAsync(socket, "subscribe"), "o-1", 1);
            socket.SendEvent("o-1", 1);
            await ExpectAsync(() => !watch.Buffer.IsEmpty, "the event");
            watch = _feeds.Join("o-1", 0);
        }

        await ConnectAsync();
        Assert.InRange(_time.GetUtcNow() - started, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(10));
        Assert.Equal([1800, 1803, 1800, 1803, 1800], _logger.Ids);
    }

    [Fact]
    public async Task Disposed_client_ends_its_watches_and_its_connection()
    {
        var watch = _feeds.Join("o-1", 0);
        Start();
        var socket = await ConnectAsync();
        await _disposed.CancelAsync();
        await _running!;
        Assert.True(socket.IsDisposed);
        Assert.Equal("closed", Assert.Throws<OrdersClientException>(() => watch.Read()).Code);
        Assert.Equal(OrdersClientState.Closed, _states.Last());
    }

    [Fact]
    public async Task Fault_of_the_client_ends_its_watches_with_the_cause()
    {
        _open = _ => throw new InvalidCastException("a fault");
        var watch = _feeds.Join("o-1", 0);
        Start();
        await ExpectAsync(() => _running!.IsCompleted, "the end of the loop");
        var e = Assert.Throws<OrdersClientException>(() => watch.Read());
        Assert.IsType<InvalidCastException>(e.InnerException);
        Assert.Contains(1804, _logger.Ids);
    }

    public async ValueTask DisposeAsync()
    {
        await _disposed.CancelAsync();
        await (_running ?? Task.CompletedTask);
        _loop.Dispose();
        _disposed.Dispose();
    }

    private void Start() => _running = _loop.RunAsync(_disposed.Token);

    /// <summary>Takes the next connection and confirms its connect.</summary>
    private async Task<FakeServerSocket> ConnectAsync()
    {
        FakeServerSocket? socket = null;
        await ExpectAsync(() => _opened.TryDequeue(out socket), "a connection");
        var connect = await TakeAsync(socket!, "connect");
        var before = _states.Count(state => state == OrdersClientState.Connected);
        socket!.Receive($$$"""{"type":"connected","data":{"status":"authenticated"},"id":{{{connect["id"]}}}}""");
        await ExpectAsync(() => _states.Count(state => state == OrdersClientState.Connected) > before, "the state");
        return socket;
    }

    private async Task<System.Text.Json.Nodes.JsonNode> TakeAsync(FakeServerSocket socket, string type)
    {
        System.Text.Json.Nodes.JsonNode? message = null;
        await ExpectAsync(() => socket.Sent.TryRead(out message), $"a {type}");
        Assert.Equal(type, (string?)message!["type"]);
        return message;
    }

    private Task ExpectAsync(Func<bool> condition, string what) =>
        _time.AdvanceUntilAsync(condition, () => $"{what} has not happened. {_logger.Text}");
}
