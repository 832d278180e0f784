using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using OrdersActors.Publishing;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Publishing.Http;

/// <summary>The end-to-end tests use the real server. Here the test is the server, because it must fail.</summary>
public sealed class HttpOrderStatusPublisherTests : IDisposable
{
    private static readonly OrderStatusEvent Event = new() { OrderId = "o-1", Status = "paid", Id = "e-1" };

    private readonly FakeTimeProvider _time = new();
    private readonly Server _server = new();
    private readonly ServiceProvider _services;

    public HttpOrderStatusPublisherTests() => _services = new ServiceCollection()
        .AddLogging()
        .AddSingleton<TimeProvider>(_time)
        .AddOrdersHttpPublisher(
            new Uri("http://orders.example/base/"), "key", "secret", options => options.CreateHandler = () => _server)
        .BuildServiceProvider();

    private IOrderStatusPublisher Publisher => _services.GetRequiredService<IOrderStatusPublisher>();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _services.Dispose();

    [Fact]
    public async Task Event_is_sent_with_its_id_and_the_answer_is_returned()
    {
        var stored = await Publisher.PublishAsync("acme", Event with { Details = """{ "n": 1.10 }""" }, Cancellation);
        Assert.Equal(new PublishedEvent("e-1", 1, 11, IsRepeat: false), stored);
        var (request, body) = Assert.Single(_server.Requests);
        Assert.Equal("http://orders.example/base/v1/events", request.RequestUri!.AbsoluteUri);
        Assert.Equal(
            new AuthenticationHeaderValue("Basic", Convert.ToBase64String("key:secret"u8)),
            request.Headers.Authorization);
        Assert.Contains("\"id\":\"e-1\"", body, StringComparison.Ordinal);
        Assert.Contains("\"organization_id\":\"acme\"", body, StringComparison.Ordinal);
        Assert.Contains("\"details\":{\"n\":1.10}", body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(408)]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(0)]
    public async Task Failure_that_may_pass_is_retried_with_the_same_id(int status)
    {
        _server.Answers.Enqueue(status == 0 ? null : Problem(status, "x"));
        var publishing = Publisher.PublishAsync("acme", Event, Cancellation);
        await Eventually.Holds(() => _server.Requests.Count == 1, () => "the first attempt");
        await AdvanceUntilAsync(() => publishing.IsCompleted);
        Assert.Equal("e-1", (await publishing).Id);
        Assert.Equal(_server.Requests[0].Body, _server.Requests[1].Body);
    }

    [Fact]
    public async Task Retry_waits_at_least_as_long_as_the_server_says()
    {
        var busy = Problem(429, "rate_limited");
        busy.Headers.RetryAfter = new RetryConditionHeaderValue(TimeSpan.FromSeconds(7));
        _server.Answers.Enqueue(busy);
        var publishing = Publisher.PublishAsync("acme", Event, Cancellation);
        await Eventually.Holds(() => _server.Requests.Count == 1, () => "the first attempt");
        await Task.Delay(50, Cancellation);
        _time.Advance(TimeSpan.FromSeconds(6.9));
        await Task.Delay(50, Cancellation);
        Assert.Single(_server.Requests);
        await AdvanceUntilAsync(() => publishing.IsCompleted);
    }

    [Fact]
    public async Task Server_that_does_not_answer_makes_the_call_fail_after_RetryFor()
    {
        _server.IsSilent = true;
        var publishing = Publisher.PublishAsync("acme", Event, Cancellation);
        await AdvanceUntilAsync(() => publishing.IsCompleted);
        var e = await Assert.ThrowsAsync<PublishFailedException>(() => publishing);
        Assert.Contains("no answer within 10 s", e.Message, StringComparison.Ordinal);
        Assert.InRange(_server.Requests.Count, 2, 4);
    }

    [Theory]
    [InlineData(401, "invalid_credentials")]
    [InlineData(403, "access_denied")]
    [InlineData(404, "not_found")]
    public async Task Refusal_is_not_retried(int status, string code)
    {
        _server.Answers.Enqueue(Problem(status, code));
        var e = await Assert.ThrowsAsync<PublishFailedException>(
            () => Publisher.PublishAsync("acme", Event, Cancellation));
        Assert.Contains($"{status}: the detail", e.Message, StringComparison.Ordinal);
        Assert.Single(_server.Requests);
    }

    [Fact]
    public async Task Invalid_event_is_named_before_anything_is_sent()
    {
        OrderStatusEvent[] events = [Event, Event with { Status = "" }];
        var e = await Assert.ThrowsAsync<InvalidOrderEventException>(
            () => Publisher.PublishAsync("acme", events, Cancellation));
        Assert.Equal(("status", 1), (e.Field, e.Index));
        Assert.Empty(_server.Requests);
    }

    [Fact]
    public async Task Conflict_has_the_index_in_the_callers_list()
    {
        _server.Answers.Enqueue(_server.Stored(1000));
        _server.Answers.Enqueue(
            Problem(409, "conflict", ("index", 1), ("stored_order_id", "o-9"), ("differs", "order_id")));
        OrderStatusEvent[] events =
            [.. Enumerable.Range(0, 1002).Select(i => Event with { Id = $"e-{i}", OrderId = $"o-{i}" })];
        var e = await Assert.ThrowsAsync<EventConflictException>(
            () => Publisher.PublishAsync("acme", events, Cancellation));
        Assert.Equal(("e-1001", 1001, "o-1001", "o-9", "order_id"),
            (e.EventId, e.Index, e.OrderId, e.StoredOrderId, e.Field));
    }

    [Fact]
    public async Task Large_events_are_split_into_bodies_that_the_server_accepts()
    {
        var details = $$"""{"text":"{{new string('x', 60_000)}}"}""";
        OrderStatusEvent[] events =
            [.. Enumerable.Range(0, 120).Select(i => Event with { Id = $"e-{i}", Details = details })];
        var stored = await Publisher.PublishAsync("acme", events, Cancellation);
        Assert.Equal(events.Select(e => e.Id), stored.Select(answer => answer.Id));
        Assert.InRange(_server.Requests.Count, 3, 4);
        Assert.All(_server.Requests, request => Assert.InRange(request.Body.Length, 1, 4 * 1024 * 1024));
    }

    [Fact]
    public async Task Batch_that_is_too_large_for_the_server_is_halved()
    {
        _server.Answers.Enqueue(Problem(413, "too_large"));
        OrderStatusEvent[] events = [.. Enumerable.Range(0, 5).Select(i => Event with { Id = $"e-{i}" })];
        var stored = await Publisher.PublishAsync("acme", events, Cancellation);
        Assert.Equal(events.Select(e => e.Id), stored.Select(answer => answer.Id));
        Assert.Equal(3, _server.Requests.Count);
    }

    [Theory]
    [InlineData("/relative", "k", "s", "BaseAddress")]
    [InlineData("http://x", "k:1", "s", "ApiKey")]
    [InlineData("http://x", "k", "", "ApiSecret")]
    public void Wrong_option_is_named_at_the_start(string address, string key, string secret, string named)
    {
        using var services = new ServiceCollection()
            .AddOrdersHttpPublisher(new Uri(address, UriKind.RelativeOrAbsolute), key, secret).BuildServiceProvider();
        var e = Assert.Throws<OptionsValidationException>(
            () => services.GetRequiredService<IStartupValidator>().Validate());
        Assert.Contains(named, e.Message, StringComparison.Ordinal);
    }

    private async Task AdvanceUntilAsync(Func<bool> condition)
    {
        for (var step = 0; !condition() && step < 2000; step++)
        {
            await Task.Delay(2, Cancellation);
            _time.Advance(TimeSpan.FromMilliseconds(50));
        }
    }

    private static HttpResponseMessage Problem(int status, string code, params (string Name, object Value)[] members)
    {
        var problem = new Dictionary<string, object> { ["code"] = code, ["detail"] = "the detail" };
        Array.ForEach(members, member => problem[member.Name] = member.Value);
        return new HttpResponseMessage((HttpStatusCode)status)
        {
            Content = new StringContent(JsonSerializer.Serialize(problem), Encoding.UTF8, "application/problem+json"),
        };
    }

    private sealed class Server : HttpMessageHandler
    {
        private int _sequence = 10;

        public List<(HttpRequestMessage Request, string Body)> Requests { get; } = [];

        /// <summary>The next answers; null for a lost connection. Then it stores what comes.</summary>
        public Queue<HttpResponseMessage?> Answers { get; } = new();

        public bool IsSilent { get; set; }

        public HttpResponseMessage Stored(int count) => Json(Enumerable.Range(0, count).Select(i => Answer($"e-{i}")));

        protected override async Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var body = await request.Content!.ReadAsStringAsync(cancellationToken);
            Requests.Add((request, body));
            if (IsSilent)
            {
                await Task.Delay(Timeout.Infinite, cancellationToken);
            }

            if (Answers.TryDequeue(out var answer))
            {
                return answer ?? throw new HttpRequestException("connection refused");
            }

            using var json = JsonDocument.Parse(body);
            string[] ids = [.. json.RootElement.EnumerateArray().Select(e => e.GetProperty("id").GetString()!)];
            return Json(ids.Select(Answer));
        }

        private object Answer(string id) => new { id, version = 1, sequence = ++_sequence };

        private static HttpResponseMessage Json(IEnumerable<object> answers) => new(HttpStatusCode.Created)
        {
            Content = new StringContent(JsonSerializer.Serialize(answers)),
        };
    }
}
