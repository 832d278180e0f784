using System.Globalization;
using Microsoft.Extensions.Time.Testing;
using OrdersActors.FrontEnd.Sessions;
using OrdersActors.Tests.FrontEnd.Transport;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.FrontEnd.Sessions;

/// <summary>
/// The end of a token, on a connection that the clock checks. Only the grains and the socket are replaced.
/// </summary>
public sealed class TokenExpiryTests : IAsyncLifetime
{
    private const string Message = """{"type":"connect","data":{"api_key":"k","token":"t"}}""";
    private const string Subscribe = """{"type":"subscribe","data":{"order_id":"o"}}""";

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 2, 3, 0, 0, TimeSpan.Zero));
    private readonly TestSocket _socket = new();
    private readonly ConnectionParts _parts;
    private readonly ConnectionClock _clock;
    private readonly Connection _connection;
    private Task _running = Task.CompletedTask;

    public TokenExpiryTests()
    {
        _parts = new ConnectionParts(_time);
        _parts.Grains.IsSigned = false;
        _connection = _parts.Create(_socket, () => { });
        _clock = new ConnectionClock(
            _parts.Registry, _parts.Options, _time, new RecordingLogger<ConnectionClock>());
    }

    public async ValueTask InitializeAsync()
    {
        _parts.Registry.Add(_connection);
        _running = _connection.RunAsync();
        await _clock.StartAsync(TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _clock.StopAsync(CancellationToken.None);
        _clock.Dispose();
        _socket.End();
        await _running.WaitAsync(TimeSpan.FromSeconds(30), CancellationToken.None);
        _parts.Dispose();
    }

    [Fact]
    public async Task Client_is_notified_once_a_minute_before_and_closed_at_the_end()
    {
        await ConnectAsync("03:10:00");
        await AdvanceToAsync("03:08:59");
        Assert.Single(_socket.Messages);
        await AdvanceToAsync("03:09:01");
        await ReceivesAsync(Connected("03:10:00"), Expiring("03:10:00"));
        await AdvanceToAsync("03:09:58");
        Assert.False(_connection.IsClosing);
        Assert.Equal(2, _socket.Messages.Count());
        await ClosesAsync();
        Assert.True(_time.GetUtcNow() >= At("03:10:00"));
        Assert.Equal(3, _socket.Messages.Count());
        Assert.Contains("\"token_expired\"", _socket.Messages.Last(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Token_that_ends_within_a_minute_is_announced_after_its_confirmation()
    {
        await ConnectAsync("03:00:30");
        await AdvanceToAsync("03:00:01");
        await ReceivesAsync(Connected("03:00:30"), Expiring("03:00:30"));
        await ClosesAsync();
    }

    [Fact]
    public async Task Renewed_token_is_announced_again_and_the_first_end_is_forgotten()
    {
        await ConnectAsync("03:10:00");
        await AdvanceToAsync("03:09:30");
        await ConnectAsync("03:20:00", messages: 3);
        await AdvanceToAsync("03:18:59");
        await ReceivesAsync(Connected("03:10:00"), Expiring("03:10:00"), Connected("03:20:00"));
        await AdvanceToAsync("03:19:01");
        await ReceivesAsync(
            Connected("03:10:00"), Expiring("03:10:00"), Connected("03:20:00"), Expiring("03:20:00"));
        await ClosesAsync();
    }

    [Fact]
    public async Task Renewal_that_stays_undecided_does_not_prolong_the_connection()
    {
        await ConnectAsync("03:01:30");
        var held = new TaskCompletionSource();
        _parts.Grains.Before = method =>
            method == nameof(IAuthenticationGrain.AuthenticateClient) ? held.Task : Task.CompletedTask;
        _parts.Grains.Grant = Grant("03:30:00");
        _socket.Send(ClientFrame.Text(Message));
        await ClosesAsync();
        held.SetResult();
    }

    [Fact]
    public async Task Connection_without_a_token_does_not_end()
    {
        _socket.Send(ClientFrame.Text("""{"type":"connect","data":{"api_key":"k"}}"""));
        _socket.Send(ClientFrame.Text(Subscribe));
        await Eventually.Holds(() => _socket.Messages.Count() == 2, () => string.Join('\n', _socket.Messages));
        for (var i = 0; i < 100; i++)
        {
            _socket.Send(ClientFrame.Text("""{"type":"ping"}"""));
            await AdvanceAsync(TimeSpan.FromSeconds(15));
            await Eventually.Holds(() => _socket.Messages.Count() == i + 3, () => "no pong");
        }

        Assert.False(_connection.IsClosing);
        Assert.DoesNotContain(_socket.Messages, message => message.Contains("expir", StringComparison.Ordinal));
    }

    private static DateTimeOffset At(string time) => DateTimeOffset.Parse(
        $"2026-01-02T{time}Z", CultureInfo.InvariantCulture);

    private static TokenGrant Grant(string end) => new(["o"], false, At(end));

    private static string Connected(string end) =>
        $$$"""{"type":"connected","data":{"status":"authenticated","expires_at":"2026-01-02T{{{end}}}Z"}}""";

    private static string Expiring(string end) =>
        $$$"""{"type":"expiring","data":{"expires_at":"2026-01-02T{{{end}}}Z"}}""";

    private async Task ConnectAsync(string end, int messages = 1)
    {
        _parts.Grains.Grant = Grant(end);
        _socket.Send(ClientFrame.Text(Message));
        await Eventually.Holds(
            () => _socket.Messages.Count() == messages, () => string.Join('\n', _socket.Messages));
    }

    private Task ReceivesAsync(params string[] messages) => Eventually.Equal(messages, () => _socket.Messages);

    private async Task ClosesAsync()
    {
        for (var i = 0; i < 900 && !_connection.IsClosing; i++)
        {
            await AdvanceAsync(TimeSpan.FromSeconds(1));
        }

        await Eventually.Holds(() => _socket.CloseStatus == 1008, () => $"{_socket.CloseStatus}");
    }

    private async Task AdvanceToAsync(string time)
    {
        while (_time.GetUtcNow() < At(time))
        {
            await AdvanceAsync(TimeSpan.FromSeconds(1));
        }
    }

    // The client is never silent, and the clock has time to see each second.
    private async Task AdvanceAsync(TimeSpan by)
    {
        _socket.Send(ClientFrame.Of(0x8A));
        _time.Advance(by);
        await Task.Delay(1, TestContext.Current.CancellationToken);
    }
}
