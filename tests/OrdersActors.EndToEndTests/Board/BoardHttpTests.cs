using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using OrdersActors.TestServer;

namespace OrdersActors.EndToEndTests.Board;

/// <summary>The HTTP answers of the page's part of the server, in Development.</summary>
public sealed class BoardHttpTests(BoardHttpTests.DevelopmentServer fixture)
    : IClassFixture<BoardHttpTests.DevelopmentServer>
{
    private readonly HttpClient _http = fixture.Http;

    [Theory]
    [InlineData("/", "text/html")]
    [InlineData("/board/board.css", "text/css")]
    [InlineData("/board/board.js", "text/javascript")]
    [InlineData("/board/icon.svg", "image/svg+xml")]
    public async Task Files_have_their_content_type_and_the_headers_that_protect_the_page(string path, string type)
    {
        using var response = await _http.GetAsync(path, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(type, response.Content.Headers.ContentType!.MediaType);
        var policy = Assert.Single(response.Headers.GetValues("Content-Security-Policy"));
        Assert.StartsWith(
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; " +
            "base-uri 'none'; form-action 'self'; frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.Equal(["nosniff"], response.Headers.GetValues("X-Content-Type-Options"));
        Assert.Equal(["no-referrer"], response.Headers.GetValues("Referrer-Policy"));
    }

    [Fact]
    public async Task Unchanged_file_is_not_sent_again()
    {
        using var first = await _http.GetAsync("/", TestContext.Current.CancellationToken);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/");
        request.Headers.IfNoneMatch.Add(first.Headers.ETag!);
        using var second = await _http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);
    }

    [Fact]
    public async Task Page_config_contains_the_demo_account() => Assert.Equal(
        """{"demo":{"organization":"demo","api_key":"demo-key","api_secret":"demo-secret"}}""",
        await _http.GetStringAsync("/board/config", TestContext.Current.CancellationToken));

    [Theory]
    [InlineData("Origin", "https://elsewhere.example")]
    [InlineData("Origin", "http://127.0.0.1:1")]
    [InlineData("Origin", "null")]
    [InlineData("Sec-Fetch-Site", "cross-site")]
    [InlineData("Sec-Fetch-Site", "same-site")]
    public async Task Another_site_cannot_place_an_order(string header, string value)
    {
        var (status, body) = await PostAsync("/board/orders", header: (header, value));
        Assert.Equal((HttpStatusCode.Forbidden, "other_origin"), (status, body.GetProperty("code").GetString()));
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData(null)]
    public async Task Content_type_that_a_form_can_send_does_not_place_an_order(string? contentType)
    {
        var (status, body) = await PostAsync("/board/orders", contentType);
        Assert.Equal((HttpStatusCode.UnsupportedMediaType, "not_json"), (status, body.GetProperty("code").GetString()));
    }

    [Fact]
    public async Task Own_origin_of_the_page_may_place_an_order()
    {
        var origin = fixture.Server.BaseAddress.GetLeftPart(UriPartial.Authority);
        Assert.Equal(HttpStatusCode.Created, (await PostAsync("/board/orders", header: ("Origin", origin))).Status);
    }

    [Fact]
    public async Task Only_demo_orders_can_be_advanced()
    {
        await fixture.Server.PublishAsync("demo", "not-a-demo-order", "created");
        foreach (var order in new[] { "not-a-demo-order", "no-such-order", "%20", "%F0%9F%98%80",
            new string('x', 500) })
        {
            var (status, body) = await PostAsync($"/board/orders/{order}/advance");
            Assert.Equal((HttpStatusCode.NotFound, "unknown_order"), (status, body.GetProperty("code").GetString()));
        }
    }

    [Fact]
    public async Task Concurrent_advances_publish_every_step_once_and_in_order()
    {
        await using var client = await SeedClient.ConnectAsync(
            fixture.Server.WebSocketAddress, "demo-key", await fixture.Server.SignAsync("demo-key", "demo-secret"));
        await client.SubscribeAsync();
        var (placed, order) = await PostAsync("/board/orders");
        Assert.Equal(HttpStatusCode.Created, placed);
        var id = order.GetProperty("order_id").GetString()!;

        HttpStatusCode[] answers;
        do
        {
            var many = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => PostAsync($"/board/orders/{id}/advance")));
            answers = Array.ConvertAll(many, answer => answer.Status);
            Assert.All(answers, status => Assert.True(status is HttpStatusCode.OK or HttpStatusCode.Conflict));
        }
        while (answers.Contains(HttpStatusCode.OK));

        // Published after the last advance, so all events of the advances come before it.
        await fixture.Server.PublishAsync("demo", id, "end");
        JsonElement[] Mine() => [.. client.Events.Where(e => e.GetProperty("order_id").GetString() == id)];
        await client.WaitForAsync(_ => Mine().Any(e => e.GetProperty("status").GetString() == "end"), "the end");
        Assert.Equal(
            ["created", "paid", "packed", "shipped", "delivered", "end"],
            Mine().Select(e => e.GetProperty("status").GetString()));
        Assert.Equal(order.GetProperty("id").GetString(), Mine()[0].GetProperty("id").GetString());
    }

    private async Task<(HttpStatusCode Status, JsonElement Body)> PostAsync(
        string path, string? contentType = "application/json", (string Name, string Value)? header = null)
    {
        using var request =
            new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent("{}"u8.ToArray()) };
        request.Content.Headers.ContentType = contentType is null ? null : MediaTypeHeaderValue.Parse(contentType);
        if (header is { } extra)
        {
            request.Headers.Add(extra.Name, extra.Value);
        }

        using var response = await _http.SendAsync(request, TestContext.Current.CancellationToken);
        using var json = JsonDocument.Parse(
            await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        return (response.StatusCode, json.RootElement.Clone());
    }

    /// <summary>A server for these tests, which need no browser.</summary>
    public sealed class DevelopmentServer : IAsyncLifetime
    {
        public ServerProcess Server { get; private set; } = null!;

        public HttpClient Http { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Server = await ServerProcess.StartAsync();
            Http = new HttpClient { BaseAddress = Server.BaseAddress };
        }

        public ValueTask DisposeAsync()
        {
            Http.Dispose();
            return Server.DisposeAsync();
        }
    }
}
