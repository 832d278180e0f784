namespace OrdersActors.EndToEndTests.Http;

/// <summary>CloudEvents 1.0 in <c>POST /v1/events</c>: structured, batched and binary.</summary>
public sealed class CloudEventTests(RunningServer running) : IAsyncLifetime
{
    private const string Structured = "application/cloudevents+json";
    private const string Batched = "application/cloudevents-batch+json";

    private Shop _shop = null!;
    private HttpPublisher _http = null!;

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
    public async Task Attributes_and_data_become_the_fields_of_the_event()
    {
        await using var client = await _shop.ConnectSignedAsync();
        await client.SubscribeAsync();
        (await _http.PostAsync(
            """
            {"specversion":"1.0","id":"ce-1","source":"/shop","type":"com.example.order.changed","subject":"o-1",
             "time":"2031-02-03T04:05:06Z","datacontenttype":"application/json","traceparent":"00-1-2-03",
             "data":{"amount": "12.50", "status":"paid", "lines":[1, 2]}}
            """, Structured)).Expect(201);
        (await _http.PostAsync(
            """{"status":"packed","box":7}""", "application/json; charset=utf-8",
            ("ce-specversion", "1.0"), ("ce-id", "ce%202"), ("ce-source", "/shop"), ("ce-type", "order.changed"),
            ("ce-subject", "o-%C3%A9"), ("ce-time", "2031-02-03T04:05:07Z"), ("ce-traceparent", "00-1-2-03")))
            .Expect(201);
        (await _http.PostAsync(
            """
            [{"specversion":"1.0","id":"ce-3","source":"/shop","type":"t","subject":"o-1","data":{"status":"a"}},
             {"specversion":"1.0","id":"ce-4","source":"/shop","type":"t","subject":"o-1","data":{"status":"b"}}]
            """, Batched)).Expect(201);
        await client.WaitForEventsAsync(4);
        var events = client.Events;
        Assert.Equal(["ce-1", "ce 2", "ce-3", "ce-4"], events.Select(e => e.GetProperty("id").GetString()));
        Assert.Equal(["o-1", "o-é", "o-1", "o-1"], events.Select(e => e.GetProperty("order_id").GetString()));
        Assert.Equal(["paid", "packed", "a", "b"], events.Select(e => e.GetProperty("status").GetString()));
        Assert.Equal("""{"amount":"12.50","lines":[1,2]}""", events[0].GetProperty("details").GetRawText());
        Assert.Equal("""{"box":7}""", events[1].GetProperty("details").GetRawText());
        Assert.False(events[2].TryGetProperty("details", out _));
        Assert.Equal("2031-02-03T04:05:06.000000Z", events[0].GetProperty("occurred_at").GetString());
        Assert.Equal("2031-02-03T04:05:07.000000Z", events[1].GetProperty("occurred_at").GetString());
    }

    [Theory]
    [InlineData("\"specversion\":\"1.0\"", "\"specversion\":\"0.3\"", "specversion")]
    [InlineData("\"id\":\"1\"", "\"id\":\"\"", "id")]
    [InlineData("\"source\":\"/s\",", "", "source")]
    [InlineData("\"type\":\"t\"", "\"type\":7", "type")]
    [InlineData("\"subject\":\"o\",", "", "subject")]
    [InlineData("\"subject\":\"o\",", "\"subject\":\"o\",\"subject\":\"p\",", "subject")]
    [InlineData("\"subject\":\"o\",", "\"subject\":\"o\",\"time\":\"soon\",", "time")]
    [InlineData("\"subject\":\"o\",", "\"subject\":\"o\",\"datacontenttype\":\"text/xml\",", "datacontenttype")]
    [InlineData("{\"status\":\"s\"}", "{}", "data.status")]
    [InlineData("{\"status\":\"s\"}", "{\"status\":7}", "data.status")]
    [InlineData("{\"status\":\"s\"}", "[]", "data")]
    [InlineData("\"data\":{\"status\":\"s\"}", "\"data_base64\":\"e30=\"", "data_base64")]
    public async Task Wrong_attribute_is_named(string text, string wrong, string field)
    {
        const string good =
            """{"specversion":"1.0","id":"1","source":"/s","type":"t","subject":"o","data":{"status":"s"}}""";
        var bad = good.Replace(text, wrong, StringComparison.Ordinal);
        Assert.NotEqual(good, bad);
        var answer = (await _http.PostAsync(bad, Structured)).Expect(400, "invalid_event");
        Assert.Equal(field, answer.Text("field"));
        var batch = (await _http.PostAsync(
            $"[{good.Replace("\"1\"", "\"2\"", StringComparison.Ordinal)},{bad}]", Batched)).Expect(400);
        Assert.Equal((field, 1), (batch.Text("field"), batch.Number("index")));
    }

    [Theory]
    [InlineData("ce-id", "", "ce-id")]
    [InlineData("ce-subject", "", "ce-subject")]
    [InlineData("ce-source", "", "ce-source")]
    [InlineData("ce-specversion", "2.0", "ce-specversion")]
    [InlineData("ce-time", "soon", "ce-time")]
    public async Task Wrong_header_is_named(string name, string value, string field)
    {
        (string Name, string Value)[] headers =
        [
            ("ce-specversion", "1.0"), ("ce-id", "1"), ("ce-source", "/s"), ("ce-type", "t"), ("ce-subject", "o"),
            ("ce-time", "2031-02-03T04:05:06Z"),
        ];
        var wrong = headers.Select(header => header.Name == name ? (name, value) : header)
            .Where(header => header.Item2.Length > 0).ToArray();
        var answer = (await _http.PostAsync("""{"status":"s"}""", HttpPublisher.Json, wrong))
            .Expect(400, "invalid_event");
        Assert.Equal(field, answer.Text("field"));
        Assert.Equal(
            "status", (await _http.PostAsync("{}", HttpPublisher.Json, headers)).Expect(400).Text("field"));
    }
}
