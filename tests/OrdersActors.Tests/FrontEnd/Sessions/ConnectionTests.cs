using Microsoft.Extensions.Time.Testing;
using OrdersActors.FrontEnd;
using OrdersActors.FrontEnd.Protocol;
using OrdersActors.FrontEnd.Sessions;
using OrdersActors.Tests.FrontEnd.Transport;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.FrontEnd.Sessions;

public sealed class ConnectionTests : IAsyncLifetime
{
    private const string Connect = """{"type":"connect","data":{"api_key":"k"}}""";
    private const string Connected = """{"type":"connected","data":{"status":"authenticated"}}""";
    private const string Subscribe = """{"type":"subscribe","data":{"order_id":"o"}}""";

    private const string Subscribed =
        """{"type":"subscription","data":{"order_id":"o","scope":"order","status":"subscribed"}}""";

    private static readonly FeedKey Order = new(FrontEndGrains.Organization, "o");

    private readonly TestSocket _socket = new();
    private readonly FakeTimeProvider _time = new();
    private readonly ConnectionParts _parts;

    private Connection _connection = null!;
    private Task _running = Task.CompletedTask;
    private bool _isAborted;

    public ConnectionTests() => _parts = new ConnectionParts(
        _time, new FrontEndOptions { MessageBurst = 5, MessageRate = 1, MaxSubscriptions = 5 });

    public ValueTask InitializeAsync()
    {
        _connection = _parts.Create(_socket, () => _isAborted = true);
        _running = _connection.RunAsync();
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        _socket.End();
        await _running.WaitAsync(TimeSpan.FromSeconds(30), CancellationToken.None);
        _parts.Dispose();
    }

    [Fact]
    public async Task Subscribe_is_confirmed_and_then_live_events_follow()
    {
        await SubscribeAsync();
        _parts.Hub.Current.Find(Order)!.OnEvents([FrontEndGrains.Event("o", 4)]);
        await ReceiveAsync(Connected, Subscribed, """{"type":"event","data":{}}""");
        Assert.Equal(FrontEndGrains.Organization, _connection.Identity!.OrganizationId);
    }

    [Fact]
    public async Task Ping_is_answered_with_its_payload_also_inside_of_a_message()
    {
        _socket.Send(ClientFrame.Of(0x01, "{\"type\":"u8.ToArray()));
        _socket.Send(ClientFrame.Of(0x89, "abc"u8.ToArray()));
        await Eventually.Equal(["abc"], () => _socket.Pongs);
        _socket.Send(ClientFrame.Of(0x80, "\"ping\"}"u8.ToArray()));
        await Eventually.Holds(() => _socket.Messages.Any(), () => "the message was not answered");
        Assert.Contains("not_authenticated", _socket.Messages.Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Clients_close_is_answered_with_its_status_after_all_queued_frames()
    {
        _socket.Send(ClientFrame.Text(Connect));
        _socket.Send(ClientFrame.Of(0x88, 0x0F, 0xA0));
        await _running;
        Assert.Equal(4000, _socket.CloseStatus);
        await ReceiveAsync(Connected);
        Assert.True(_connection.IsClosing);
        Assert.False(_isAborted);
    }

    [Fact]
    public async Task Unacceptable_frame_is_announced_by_an_error_and_closes_with_its_status()
    {
        _socket.Send(ClientFrame.Of(0x82, 1));
        await ClosedAsync(1003);
        Assert.Contains("expected a text message, got a binary one", _socket.Messages.Single(),
            StringComparison.Ordinal);
        // The client's answer to the close ends the connection.
        _socket.Send(ClientFrame.Of(0x88, 0x03, 0xEB));
        await _running;
    }

    [Fact]
    public async Task Server_begins_to_close_once_and_sends_nothing_after_it()
    {
        _connection.Close(CloseReason.ServerStopping);
        _connection.Close(CloseReason.KeyRevoked);
        _connection.Send(ServerFrames.Pong(null));
        await ClosedAsync(1001);
        Assert.Contains("the server is stopping", _socket.Messages.Single(), StringComparison.Ordinal);
        Assert.NotEqual(0, _connection.ClosingAt);
    }

    [Fact]
    public async Task Messages_past_the_limit_are_refused_and_then_the_client_is_disconnected()
    {
        for (var i = 0; i < 11; i++)
        {
            _socket.Send(ClientFrame.Text("""{"type":"ping"}"""));
        }

        await Eventually.Holds(() => _socket.Messages.Count() == 10, () => string.Join('\n', _socket.Messages));
        _time.Advance(CloseReason.TooManyMessagesDelay - TimeSpan.FromSeconds(1));
        Assert.False(_connection.IsClosing);
        await Eventually.Holds(
            () =>
            {
                _time.Advance(TimeSpan.FromSeconds(1));
                return _connection.IsClosing;
            },
            () => "the client that sent too many messages was not disconnected");
        await ClosedAsync(1008);
        Assert.Equal(
            [.. Enumerable.Repeat("not_authenticated", 5), .. Enumerable.Repeat("rate_limited", 6)],
            _socket.Messages.Select(text => text.Split('"')[9]));
    }

    [Fact]
    public async Task Client_whose_queue_is_full_is_disconnected_without_the_queued_frames()
    {
        var reading = new TaskCompletionSource();
        _socket.Reading = reading.Task;
        var frame = ServerFrames.Error(null, ProtocolError.Unavailable, new string('x', 60_000));
        _connection.Send(frame);
        await Eventually.Holds(() => _socket.HasWriteBegun, () => "the first frame is not written");
        for (var i = 0; i < 100 && !_connection.IsClosing; i++)
        {
            _connection.Send(frame);
        }

        Assert.True(_connection.IsClosing);
        reading.SetResult();
        await ClosedAsync(1013);
        // The first frame was already being written. The last message announces the close.
        Assert.Equal(2, _socket.Messages.Count());
        Assert.Contains("the client reads too slowly", _socket.Messages.Last(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Denied_renewal_closes_the_connection_and_the_client_gets_the_answer_when_it_resumes()
    {
        _parts.Grains.IsSigned = false;
        await SubscribeAsync();
        _parts.Grains.IsMissing = true;
        await _parts.Hub.Current.RenewAsync(_parts.Hub.Current.Find(Order)!);
        await ClosedAsync(1012);

        var socket = new TestSocket();
        var running = _parts.Create(socket, () => { }).RunAsync();
        socket.Send(ClientFrame.Text(Connect));
        socket.Send(ClientFrame.Text("""{"type":"subscribe","data":{"order_id":"o","after":3}}"""));
        await Eventually.Holds(() => socket.Messages.Count() == 2, () => string.Join('\n', socket.Messages));
        Assert.Contains("access_denied", socket.Messages.Last(), StringComparison.Ordinal);
        socket.End();
        await running;
    }

    [Fact]
    public async Task End_of_the_connection_ends_its_subscriptions()
    {
        await SubscribeAsync();
        _socket.End();
        await _running;
        Assert.NotEqual(0, _parts.Hub.Current.Find(Order)!.IdleSince);
    }

    private async Task SubscribeAsync()
    {
        _socket.Send(ClientFrame.Text(Connect));
        _socket.Send(ClientFrame.Text(Subscribe));
        await ReceiveAsync(Connected, Subscribed);
    }

    private Task ReceiveAsync(params string[] messages) => Eventually.Equal(messages, () => _socket.Messages);

    private Task ClosedAsync(int status) => Eventually.Holds(
        () => _socket.CloseStatus == status, () => $"{_socket.CloseStatus}: {string.Join('\n', _socket.Messages)}");
}
