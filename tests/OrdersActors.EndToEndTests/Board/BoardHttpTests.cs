using System.Net;
using OrdersActors.TestServer;

namespace OrdersActors.EndToEndTests.Board;

/// <summary>The files and the configuration of the page, in Development.</summary>
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
