using System.Net;
using System.Text;

namespace OrdersActors.EndToEndTests.Http;

/// <summary>JSON lines in <c>POST /v1/events</c>: they are stored while they arrive.</summary>
public sealed class JsonLinesTests(RunningServer running) : IAsyncLifetime
{
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
    public async Task A_hundred_thousand_lines_with_a_bad_one_are_repeated_safely()
    {
        const int lines = 100_000, bad = 60_000;
        static string Line(int number) => number == bad
            ? """{"order_id":"o","status":"s","statsu":"t"}"""
            : $$"""{"id":"l-{{number}}","order_id":"o-{{number % 1000}}","status":"s"}""";
        var body = string.Join('\n', Enumerable.Range(1, lines).Select(Line));

        var refused = (await _http.PostAsync(body, HttpPublisher.Lines)).Expect(400, "invalid_event");

        Assert.Equal(bad, refused.Number("line"));
        Assert.Equal("statsu", refused.Text("field"));
        Assert.Equal(bad - 1, refused.Number("stored"));
        Assert.Equal(bad, refused.Number("next_line"));
        var corrected = body.Replace(
            Line(bad), """{"id":"corrected","order_id":"o","status":"s"}""", StringComparison.Ordinal);
        var repeated = (await _http.PostAsync(corrected, "application/jsonl")).Expect(201);
        Assert.Equal(
            $"{{\"stored\":{lines - bad + 1},\"repeats\":{bad - 1},"
            + $"\"first_sequence\":{bad},\"last_sequence\":{lines}}}",
            repeated.Body);
        var again = (await _http.PostAsync(corrected, HttpPublisher.Lines)).Expect(200);
        Assert.Equal($$"""{"stored":0,"repeats":{{lines}}}""", again.Body);
    }

    [Fact]
    public async Task Lines_of_a_slow_client_are_stored_while_it_still_sends()
    {
        await using var client = await _shop.ConnectSignedAsync();
        await client.SubscribeAsync();
        using var body = new SlowContent();
        var answer = _http.PostAsync(body, HttpPublisher.Lines);

        await body.WriteAsync("""{"order_id":"o","status":"first"}""" + "\n");
        await client.WaitForEventsAsync(1);
        await body.WriteAsync("\r\n\n" + """{"order_id":"o","status":"second"}""" + "\r\n");
        await client.WaitForEventsAsync(2);
        Assert.False(answer.IsCompleted);
        // The last line has no line end.
        await body.WriteAsync("""{"order_id":"o","status":"third"}""");
        body.Complete();

        Assert.Equal(3, (await answer).Expect(201).Number("stored"));
        await client.WaitForEventsAsync(3);
        Assert.Equal(
            ["first", "second", "third"], client.Events.Select(e => e.GetProperty("status").GetString()));
    }

    [Fact]
    public async Task Conflict_names_its_line_and_the_lines_before_it_are_stored()
    {
        (await _http.PostAsync("""{"id":"used","order_id":"o","status":"created"}""")).Expect(201);
        string[] lines =
        [
            """{"id":"a","order_id":"o","status":"paid"}""", "", """{"id":"used","order_id":"o","status":"packed"}""",
            """{"id":"b","order_id":"o","status":"never"}""",
        ];
        var answer = (await _http.PostAsync(string.Join('\n', lines), HttpPublisher.Lines)).Expect(409, "conflict");
        Assert.Equal((3, 1, 3), (answer.Number("line"), answer.Number("stored"), answer.Number("next_line")));
        Assert.Equal(3, (await _http.PostAsync("""{"order_id":"o","status":"s"}""")).Expect(201).Number("version"));
    }

    [Fact]
    public async Task Line_that_breaks_a_rule_is_named_and_the_lines_before_it_are_stored()
    {
        string[] lines =
        [
            """{"order_id":"o","status":"s"}""",
            """{"order_id":"o","status":""}""",
            """{"order_id":"o","status":"s"}""",
        ];
        var answer = (await _http.PostAsync(string.Join('\n', lines), HttpPublisher.Lines))
            .Expect(400, "invalid_event");
        Assert.Equal((2, 1), (answer.Number("line"), answer.Number("stored")));
        Assert.Equal("status", answer.Text("field"));
    }

    [Fact]
    public async Task Line_that_is_too_long_is_refused_and_the_lines_before_it_are_stored()
    {
        var body = """{"order_id":"o","status":"s"}""" + "\n" + new string(' ', (1024 * 1024) + 1);
        var answer = (await _http.PostAsync(body, HttpPublisher.Lines)).Expect(400, "invalid_event");
        Assert.Equal((2, 1), (answer.Number("line"), answer.Number("stored")));
    }

    [Fact]
    public async Task Body_without_lines_is_refused() =>
        (await _http.PostAsync("\n \r\n", HttpPublisher.Lines)).Expect(400, "invalid_event");

    /// <summary>A body whose bytes the test sends one after the other.</summary>
    private sealed class SlowContent : HttpContent
    {
        private readonly TaskCompletionSource<Stream> _stream = new();
        private readonly TaskCompletionSource _completed = new();

        public async Task WriteAsync(string text)
        {
            var stream = await _stream.Task;
            await stream.WriteAsync(Encoding.UTF8.GetBytes(text));
            await stream.FlushAsync();
        }

        public void Complete() => _completed.SetResult();

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            _stream.SetResult(stream);
            return _completed.Task;
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
