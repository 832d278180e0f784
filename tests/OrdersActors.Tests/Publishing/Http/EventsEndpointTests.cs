using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using OrdersActors.Publishing;
using OrdersActors.Publishing.Http;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Publishing.Http;

/// <summary>One request and its answer. The test is the server.</summary>
public sealed class EventsEndpointTests : IDisposable
{
    private static readonly OrderStatusEvent Event = new() { OrderId = "o-1", Status = "paid", Id = "e-1" };
    private static readonly EventBatch Alone = new([Event], 0, IsAlone: true);
    private static readonly EventBatch Two = new([Event, Event with { Id = "e-2" }], 1000);

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 2, 3, 4, 0, TimeSpan.Zero));
    private readonly Server _server = new();
    private readonly EventsEndpoint _endpoint;

    public EventsEndpointTests() => _endpoint = new EventsEndpoint(
        new HttpClient(_server) { Timeout = Timeout.InfiniteTimeSpan }, new Uri("https://orders.example/v1/events"),
        EventsEndpoint.Basic("key", "sécret"), _time);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => _endpoint.Dispose();

    [Theory]
    [InlineData(HttpStatusCode.OK)]
    [InlineData(HttpStatusCode.Created)]
    public async Task Stored_events_are_returned_in_order(HttpStatusCode status)
    {
        _server.Answer(status, """
            [{"id":"e-1","order_id":"o-1","version":4,"sequence":9,"repeat":true},
             {"id":"e-2","order_id":"o-1","version":5,"sequence":11,"later":{}}]
            """);
        Assert.Equal(
            [new PublishedEvent("e-1", 4, 9, true), new PublishedEvent("e-2", 5, 11, false)],
            await StoreAsync(Two));
        Assert.Equal("application/json", _server.Request!.Content!.Headers.ContentType!.ToString());
        Assert.Equal(
            new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes("key:sécret"))),
            _server.Request.Headers.Authorization);
    }

    [Theory]
    [InlineData("")]
    [InlineData("<html>welcome</html>")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("[1,2]")]
    [InlineData("""[{"id":"e-1","version":1,"sequence":1}]""")]
    [InlineData("""[{"id":"e-1","version":1,"sequence":1},{"id":"e-2","version":"2","sequence":2}]""")]
    public async Task Answer_that_is_not_the_servers_is_not_taken_for_a_success(string body)
    {
        _server.Answer(HttpStatusCode.OK, body);
        var e = await Assert.ThrowsAsync<ServerBusyException>(() => StoreAsync(Two));
        Assert.Equal(TimeSpan.Zero, e.RetryAfter);
    }

    [Theory]
    [InlineData(408, null, 0)]
    [InlineData(429, "7", 7)]
    [InlineData(500, null, 0)]
    [InlineData(503, "Fri, 02 Jan 2026 03:04:09 GMT", 9)]
    [InlineData(503, "Fri, 02 Jan 2026 03:03:00 GMT", 0)]
    [InlineData(503, "86400", 300)]
    public async Task Busy_server_says_when_to_repeat_the_request(int status, string? retryAfter, int seconds)
    {
        _server.Answer((HttpStatusCode)status, """{"detail":"the log is away"}""");
        if (retryAfter is not null)
        {
            _server.Header("Retry-After", retryAfter);
        }

        var e = await Assert.ThrowsAsync<ServerBusyException>(() => StoreAsync(Two));
        Assert.Equal(TimeSpan.FromSeconds(seconds), e.RetryAfter);
        Assert.Contains($"{status}: the log is away", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Invalid_field_has_its_index_in_the_callers_list()
    {
        const string Problem =
            """{"code":"invalid_event","detail":"status must not be empty","field":"status","index":1}""";
        _server.Answer(HttpStatusCode.BadRequest, Problem);
        var e = await Assert.ThrowsAsync<InvalidOrderEventException>(() => StoreAsync(Two));
        Assert.Equal(
            ("status", 1001, "event 1001: status must not be empty"), (e.Field, e.Index, e.Message));
        _server.Answer(HttpStatusCode.BadRequest, Problem);
        e = await Assert.ThrowsAsync<InvalidOrderEventException>(() => StoreAsync(Alone));
        Assert.Equal(("status", null, "status must not be empty"), (e.Field, e.Index, e.Message));
    }

    [Fact]
    public async Task Conflict_names_the_stored_order_and_the_field()
    {
        _server.Answer(HttpStatusCode.Conflict, """
            {"code":"conflict","detail":"d","index":1,"stored_order_id":"o-9","differs":"order_id"}
            """);
        var e = await Assert.ThrowsAsync<EventConflictException>(() => StoreAsync(Two));
        Assert.Equal(
            ("e-2", 1001, "o-1", "o-9", "order_id"), (e.EventId, e.Index, e.OrderId, e.StoredOrderId, e.Field));
    }

    [Fact]
    public async Task Too_large_batch_can_be_halved_and_a_single_event_cannot()
    {
        _server.Answer(HttpStatusCode.RequestEntityTooLarge, "");
        await Assert.ThrowsAsync<TooLargeException>(() => StoreAsync(Two));
        _server.Answer(HttpStatusCode.RequestEntityTooLarge, "");
        await Assert.ThrowsAsync<PublishFailedException>(() => StoreAsync(Alone));
    }

    [Theory]
    [InlineData(400, """{"code":"invalid_request","detail":"no"}""")]
    [InlineData(401, "")]
    [InlineData(403, """{"detail":"no"}""")]
    [InlineData(409, "<html>")]
    [InlineData(302, "")]
    public async Task Other_refusal_is_final_and_counts_the_events_before_it(int status, string body)
    {
        _server.Answer((HttpStatusCode)status, body);
        var e = await Assert.ThrowsAsync<PublishFailedException>(() => StoreAsync(Two));
        Assert.Equal(1000, e.Stored);
        Assert.Equal((HttpStatusCode)status, Assert.IsType<HttpRequestException>(e.InnerException).StatusCode);
        Assert.DoesNotContain("sécret", e.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Silent_server_is_left_after_10_s()
    {
        var storing = StoreAsync(Alone);
        await _time.AdvanceInStepsAsync(TimeSpan.FromSeconds(9));
        Assert.False(storing.IsCompleted);
        await _time.AdvanceUntilAsync(() => storing.IsCompleted, () => "the request does not end", 5);
        var e = await Assert.ThrowsAsync<ServerBusyException>(() => storing);
        Assert.Contains("no answer within 10 s", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Broken_connection_may_be_repeated()
    {
        _server.Failure = new HttpRequestException("reset");
        Assert.Equal("reset", (await Assert.ThrowsAsync<ServerBusyException>(() => StoreAsync(Alone))).Message);
    }

    [Fact]
    public async Task Cancelled_request_is_no_failure_of_the_server()
    {
        using var cancelled = new CancellationTokenSource();
        var storing = _endpoint.StoreAsync("acme", Alone, cancelled.Token);
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => storing);
    }

    private Task<PublishedEvent[]> StoreAsync(EventBatch batch) => _endpoint.StoreAsync("acme", batch, Cancelled);

    /// <summary>Gives one answer; without one, it is silent.</summary>
    private sealed class Server : HttpMessageHandler
    {
        private HttpResponseMessage? _answer;

        public HttpRequestMessage? Request { get; private set; }

        public Exception? Failure { get; set; }

        public void Answer(HttpStatusCode status, string body) =>
            _answer = new HttpResponseMessage(status) { Content = new StringContent(body) };

        public void Header(string name, string value) => _answer!.Headers.Add(name, value);

        protected override async Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Request = request;
            if (Failure is not null)
            {
                throw Failure;
            }

            if (_answer is null)
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
            }

            return _answer!;
        }
    }
}
