using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace OrdersActors.EndToEndTests.Http;

/// <summary><c>POST /v1/events</c> on the real server: one event, arrays, and what is refused.</summary>
public sealed class PublishEndpointTests(RunningServer running) : IAsyncLifetime
{
    private Shop _shop = null!;
    private HttpPublisher _http = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _shop = await running.NewShopAsync();
        _http = new HttpPublisher(running.Server.BaseAddress, _shop.Key, _shop.Secret);
    }

    public ValueTask DisposeAsync()
    {
        _http.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Curl_line_of_the_README_publishes_an_event()
    {
        var order = RunningServer.NewOrder();
        var body = $$"""{"order_id":"{{order}}","status":"created"}""";
        using var curl = Process.Start(new ProcessStartInfo(
            "curl",
            ["-s", "-w", "\n%{http_code}", "-u", "demo-key:demo-secret", "-d", body,
                new Uri(running.Server.BaseAddress, "/v1/events").ToString()])
        {
            RedirectStandardOutput = true,
        })!;
        var output = (await curl.StandardOutput.ReadToEndAsync(Token)).Split('\n');
        await curl.WaitForExitAsync(Token);
        Assert.Equal("201", output[^1]);
        var json = JsonDocument.Parse(output[0]).RootElement;
        Assert.Equal(order, json.GetProperty("order_id").GetString());
        Assert.Equal(1, json.GetProperty("version").GetInt64());
        Assert.True(json.GetProperty("sequence").GetInt64() > 0);
    }

    [Fact]
    public async Task Event_reaches_its_subscribers_as_it_was_sent()
    {
        var order = RunningServer.NewOrder();
        (await _http.PostAsync(Event(order, "created"))).Expect(201);
        await using var client = await _shop.ConnectAsync();
        await client.SubscribeAsync(order);
        var answer = await _http.PostAsync(
            $$"""
            {"organization_id":"{{_shop.Organization}}","order_id":"{{order}}","status":"paid","id":"e-{{order}}",
             "occurred_at":"2031-02-03T05:05:06.1+01:00","details":{ "amount": 12.50 } }
            """);
        answer.Expect(201);
        Assert.Equal(
            $$"""{"id":"e-{{order}}","order_id":"{{order}}","version":2,"sequence":2}""", answer.Body);
        await client.WaitForEventsAsync(1);
        var e = client.Events[0];
        Assert.Equal("""{"amount":12.50}""", e.GetProperty("details").GetRawText());
        Assert.Equal("2031-02-03T04:05:06.100000Z", e.GetProperty("occurred_at").GetString());
    }

    [Fact]
    public async Task Array_is_stored_in_order_and_answered_with_an_array()
    {
        string[] events = [Event("a", "s1", "1"), Event("b", "s1", "2"), Event("a", "s2", "3")];
        var answer = await _http.PostAsync($"[{string.Join(',', events)}]");
        answer.Expect(201);
        Assert.Equal(
            """[{"id":"1","order_id":"a","version":1,"sequence":1},"""
            + """{"id":"2","order_id":"b","version":1,"sequence":2},"""
            + """{"id":"3","order_id":"a","version":2,"sequence":3}]""",
            answer.Body);
    }

    [Fact]
    public async Task Repeat_is_answered_with_200_and_its_first_numbers()
    {
        (await _http.PostAsync(Event("o", "created", "r-1"))).Expect(201);
        var repeat = (await _http.PostAsync(Event("o", "created", "r-1"))).Expect(200);
        Assert.Equal("""{"id":"r-1","order_id":"o","version":1,"sequence":1,"repeat":true}""", repeat.Body);
        var mixed = (await _http.PostAsync($"[{Event("o", "created", "r-1")},{Event("o", "paid", "r-2")}]"))
            .Expect(201);
        Assert.Equal([true, false], mixed.Json.EnumerateArray().Select(e => e.TryGetProperty("repeat", out _)));
    }

    [Fact]
    public async Task Event_is_stored_once_whatever_way_it_is_published()
    {
        const string details = """{"a":1}""";
        var service = running.Service.Publisher;
        var first = await service.PublishAsync(
            _shop.Organization,
            new OrderStatusEvent { Id = "x", OrderId = "o", Status = "paid", Details = details },
            Token);
        Assert.False(first.IsRepeat);
        await running.Server.PublishAsync(
            _shop.Organization, "o", "paid", details, "x");
        var body = """{"id":"x","order_id":"o","status":"paid","details":{"a":1}}""";
        (await _http.PostAsync(body)).Expect(200);
        Assert.Equal(1, (await _http.PostAsync(body + "\n", HttpPublisher.Lines)).Expect(200).Number("repeats"));
        (await _http.PostAsync(CloudEvent("x", "o", """{"status":"paid","a":1}"""), "application/cloudevents+json"))
            .Expect(200);
        (await _http.PostAsync(
            $"[{CloudEvent("x", "o", """{"a":1,"status":"paid"}""")}]", "application/cloudevents-batch+json"))
            .Expect(200);
        var binary = (await _http.PostAsync(
            """{"status":"paid","a":1}""", HttpPublisher.Json, ("ce-specversion", "1.0"), ("ce-id", "x"),
            ("ce-source", "/shop"), ("ce-type", "order.changed"), ("ce-subject", "o"))).Expect(200);
        Assert.Equal(1, binary.Number("version"));
        await AssertStoredAsync(1);
    }

    [Fact]
    public async Task Id_of_another_event_is_a_conflict_that_stores_nothing()
    {
        (await _http.PostAsync(Event("o", "created", "c-1"))).Expect(201);
        var conflict = (await _http.PostAsync(Event("o", "paid", "c-1"))).Expect(409, "conflict");
        Assert.Equal("id", conflict.Text("field"));
        Assert.Contains("another status", conflict.Text("detail"), StringComparison.Ordinal);
        var second = (await _http.PostAsync($"[{Event("p", "new", "c-2")},{Event("o", "paid", "c-1")}]"))
            .Expect(409, "conflict");
        Assert.Equal(1, second.Number("index"));
        await AssertStoredAsync(1);
    }

    [Theory]
    [InlineData("", null)]
    [InlineData("not JSON", null)]
    [InlineData("7", null)]
    [InlineData("""{"order_id":"o","status":"s"} x""", null)]
    [InlineData("""{"status":"s"}""", "order_id")]
    [InlineData("""{"order_id":"o"}""", "status")]
    [InlineData("""{"order_id":7,"status":"s"}""", "order_id")]
    [InlineData("""{"order_id":"o","status":"s","status":"t"}""", "status")]
    [InlineData("""{"order_id":"o","status":"s","statsu":"t"}""", "statsu")]
    [InlineData("""{"order_id":"o","status":"s","occurred_at":"soon"}""", "occurred_at")]
    [InlineData("""{"order_id":"o","status":"s","details":[1]}""", "details")]
    [InlineData("""{"order_id":"\ud83d","status":"s"}""", null)]
    public async Task Invalid_event_is_named_with_its_field(string body, string? field)
    {
        var answer = (await _http.PostAsync(body)).Expect(400, "invalid_event");
        Assert.Equal(field, answer.Text("field"));
        Assert.False(answer.Json.TryGetProperty("index", out _));
        if (body is ['{', .., '}'])
        {
            var listed = (await _http.PostAsync($"[{Event("o", "s")},{body}]")).Expect(400, "invalid_event");
            Assert.Equal(field, listed.Text("field"));
            Assert.Equal(1, listed.Number("index"));
        }

        await AssertStoredAsync(0);
    }

    [Fact]
    public async Task Body_that_is_not_UTF_8_is_refused()
    {
        var latin = Encoding.Latin1.GetBytes("""{"order_id":"\u00e9","status":"é"}""");
        (await _http.PostAsync(new ByteArrayContent(latin))).Expect(400, "invalid_event");
        (await _http.PostAsync(Event("o", "s"), "application/json; charset=iso-8859-1"))
            .Expect(415, "unsupported_media_type");
        (await _http.PostAsync(Event("o", "s"), "application/json; charset=UTF-8")).Expect(201);
    }

    [Fact]
    public async Task Organization_of_another_key_is_denied()
    {
        var body = """{"organization_id":"demo","order_id":"o","status":"s"}""";
        var answer = (await _http.PostAsync(body)).Expect(403, "access_denied");
        Assert.Equal("organization_id", answer.Text("field"));
        Assert.Equal(1, (await _http.PostAsync($"[{Event("o", "s")},{body}]")).Expect(403).Number("index"));
        Assert.Equal(
            2, (await _http.PostAsync($"{Event("o", "s")}\n{body}", HttpPublisher.Lines)).Expect(403).Number("line"));
        await AssertStoredAsync(1);
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/xml")]
    [InlineData("application/cloudevents+xml")]
    [InlineData("multipart/form-data; boundary=x")]
    public async Task Other_content_types_are_refused(string type) =>
        (await _http.PostAsync(Event("o", "s"), type)).Expect(415, "unsupported_media_type");

    [Fact]
    public async Task Unknown_path_and_method_are_answered_with_a_problem()
    {
        using var unknown = new HttpRequestMessage(HttpMethod.Get, "/v1/nothing");
        (await _http.SendAsync(unknown)).Expect(404, "not_found");
        using var delete = new HttpRequestMessage(HttpMethod.Delete, "/v1/events");
        (await _http.SendAsync(delete)).Expect(405, "method_not_allowed");
    }

    private async Task AssertStoredAsync(int events)
    {
        var next = (await _http.PostAsync(Event("next", "s"))).Expect(201);
        Assert.Equal(events + 1, next.Number("sequence"));
    }

    private static string Event(string order, string status, string? id = null) =>
        id is null
            ? $$"""{"order_id":"{{order}}","status":"{{status}}"}"""
            : $$"""{"id":"{{id}}","order_id":"{{order}}","status":"{{status}}"}""";

    private static string CloudEvent(string id, string order, string data) =>
        $$"""
        {"specversion":"1.0","id":"{{id}}","source":"/shop","type":"order.changed","subject":"{{order}}",
         "data":{{data}} }
        """;
}
