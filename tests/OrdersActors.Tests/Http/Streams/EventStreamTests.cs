using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using OrdersActors.FrontEnd;
using OrdersActors.FrontEnd.Protocol;
using OrdersActors.FrontEnd.Sessions.Authentication;
using OrdersActors.Http.Streams;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Http.Streams;

public sealed class EventStreamTests : IDisposable
{
    private static readonly FeedKey Order = new(FrontEndGrains.Organization, "o-1");

    private readonly FakeTimeProvider _time = new();
    private readonly TestSocket _body = new();
    private readonly CancellationTokenSource _aborted = new();
    private readonly ConnectionParts _parts;

    public EventStreamTests() => _parts = new ConnectionParts(_time);

    private string Text => Encoding.UTF8.GetString(_body.Written);

    [Fact]
    public async Task Stream_sends_its_confirmation_then_the_events_and_then_why_it_ends()
    {
        await using var stream = Create();
        var running = RunAsync(stream, after: 1);
        await Eventually.Holds(() => Text.Contains("id: epoch-1:3", StringComparison.Ordinal), () => Text);
        stream.Ping();
        stream.Close(CloseReason.KeyRevoked);
        await running;
        Assert.True(stream.IsClosing);
        Assert.Matches(
            "^retry: \\d{4}\nevent: subscription\nid: epoch-1:1\ndata: \\{\"order_id\":\"o-1\",\"scope\":\"order\","
            + "\"status\":\"subscribed\",\"resumed\":true,\"epoch\":\"epoch-1\",\"position\":3\\}\n\n"
            + "event: event\nid: epoch-1:2\ndata: \\{\\}\n\nevent: event\nid: epoch-1:3\ndata: \\{\\}\n\n"
            + ":\n\nevent: end\ndata: \\{\"code\":\"invalid_api_key\",\"message\":\"[^\"]+\"\\}\n\n$",
            Text);
    }

    [Fact]
    public async Task Stream_ends_with_its_client()
    {
        await using var stream = Create();
        var running = RunAsync(stream, after: 3);
        await _aborted.CancelAsync();
        await running;
        Assert.True(stream.IsClosing);
        Assert.DoesNotContain("event: end", Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rewritten_history_ends_the_stream()
    {
        await using var stream = Create();
        _parts.Registry.Add(stream);
        var running = RunAsync(stream, after: 3);
        await Eventually.Holds(() => Text.Length > 0, () => "no confirmation");
        await _parts.Hub.FollowAsync("epoch-2");
        await running;
        Assert.Contains("event: end\ndata: {\"code\":\"unavailable\"", Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Expiring_token_is_announced_once_and_then_ends_the_stream()
    {
        var grant = new TokenGrant(["o-1"], IsOrganization: false, _time.GetUtcNow().AddMinutes(2));
        await using var stream = Create(grant);
        var running = RunAsync(stream, after: 3);
        stream.CheckToken();
        _time.Advance(TimeSpan.FromSeconds(61));
        stream.CheckToken();
        stream.CheckToken();
        _time.Advance(TimeSpan.FromSeconds(60));
        stream.CheckToken();
        await running;
        Assert.Equal(2, Text.Split("event: expiring\ndata: {\"expires_at\":\"").Length);
        Assert.Contains("event: end\ndata: {\"code\":\"token_expired\"", Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Client_that_does_not_read_is_aborted_after_the_timeout()
    {
        var reading = new TaskCompletionSource();
        _body.Reading = reading.Task;
        await using var stream = Create(abort: () => reading.TrySetException(new IOException("aborted")));
        var running = RunAsync(stream, after: 3);
        await Eventually.Holds(() => _body.HasWriteBegun, () => "nothing is written");
        for (var sent = 0; !stream.IsClosing; sent += 1000)
        {
            Assert.InRange(sent, 0, 2 * new FrontEndOptions().MaxQueuedBytes);
            stream.Send(new byte[1000]);
        }

        while (!running.IsCompleted)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(1, TestContext.Current.CancellationToken);
        }

        Assert.True(reading.Task.IsFaulted);
    }

    public void Dispose()
    {
        _parts.Dispose();
        _aborted.Dispose();
        _body.Dispose();
    }

    private async Task RunAsync(EventStream stream, long after)
    {
        var bounds = await stream.GetBoundsAsync(Order);
        await stream.RunAsync(Order, new ResumePoint(after, null).In(bounds!.Value)!, _aborted.Token);
    }

    private EventStream Create(TokenGrant? grant = null, Action? abort = null) => _parts.CreateStream(
        _body, abort ?? (() => { }),
        new ClientIdentity("key", FrontEndGrains.Organization, IsSigned: grant is null, Grant: grant),
        NullLogger<EventStream>.Instance);
}
