using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using OrdersActors.Http.Problems;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Http.Problems;

public sealed class ProblemMiddlewareTests : IDisposable
{
    private readonly RecordingLogger<ProblemMiddleware> _logger = new();
    private readonly DefaultHttpContext _context = new();
    private readonly MemoryStream _body = new();

    public ProblemMiddlewareTests() => _context.Response.Body = _body;

    public void Dispose() => _body.Dispose();

    [Fact]
    public async Task Problem_becomes_a_document_with_all_its_members()
    {
        var json = await ServeAsync(_ => throw new ProblemException(409, ProblemCode.Conflict, "used \"é\"")
        {
            Field = "id",
            Index = 3,
            Line = 4,
            RetryAfter = TimeSpan.FromSeconds(1.2),
            Members = new Dictionary<string, object?> { ["stored"] = 5L },
        });
        Assert.Equal(
            """
            {"type":"urn:orders-actors:problem:conflict","title":"The id was used for a different event",
            "status":409,"detail":"used \"é\"","code":"conflict","field":"id","index":3,"line":4,"stored":5}
            """.Replace("\n", "", StringComparison.Ordinal),
            json);
        Assert.Equal("application/problem+json", _context.Response.ContentType);
        Assert.Equal("2", _context.Response.Headers.RetryAfter);
        Assert.Equal("no-store", _context.Response.Headers.CacheControl);
        Assert.Equal(Encoding.UTF8.GetByteCount(json), _context.Response.ContentLength);
        Assert.Equal([LogLevel.Debug], _logger.Levels);
    }

    [Theory]
    [InlineData("", "Basic realm=\"OrdersActors\", charset=\"UTF-8\"")]
    [InlineData("Basic azpz", "Basic realm=\"OrdersActors\", charset=\"UTF-8\"")]
    [InlineData("bearer a.b.c", "Bearer realm=\"OrdersActors\", error=\"invalid_token\"")]
    public async Task Challenge_suits_the_credentials(string credentials, string challenge)
    {
        _context.Request.Headers.Authorization = credentials;
        await ServeAsync(_ => throw new ProblemException(401, ProblemCode.NotAuthenticated, "x"));
        Assert.Equal(challenge, _context.Response.Headers.WWWAuthenticate);
    }

    [Theory]
    [InlineData(413, "too_large")]
    [InlineData(408, "timeout")]
    [InlineData(400, "invalid_request")]
    public async Task Body_that_Kestrel_refuses_becomes_a_problem(int status, string code)
    {
        var json = await ServeAsync(_ => throw new BadHttpRequestException("secret text", status));
        Assert.Equal(code, JsonDocument.Parse(json).RootElement.GetProperty("code").GetString());
        Assert.DoesNotContain("secret text", json, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fault_is_logged_and_not_shown()
    {
        var json = await ServeAsync(_ => throw new InvalidOperationException("secret text"));
        Assert.Equal(500, _context.Response.StatusCode);
        Assert.DoesNotContain("secret text", json, StringComparison.Ordinal);
        Assert.Equal([1401, 1400], _logger.Ids);
        Assert.Contains("secret text", _logger.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Client_that_has_left_gets_no_answer()
    {
        _context.RequestAborted = new CancellationToken(canceled: true);
        Assert.Equal("", await ServeAsync(_ => throw new OperationCanceledException()));
        Assert.Empty(_logger.Ids);
    }

    [Theory]
    [InlineData(404, "not_found")]
    [InlineData(405, "method_not_allowed")]
    [InlineData(415, "unsupported_media_type")]
    public async Task Bare_status_becomes_a_problem(int status, string code)
    {
        await new ProblemMiddleware(_logger).HandleAsync(_context, context =>
        {
            context.Response.StatusCode = status;
            return Task.CompletedTask;
        });
        Assert.Equal(code, JsonDocument.Parse(Body()).RootElement.GetProperty("code").GetString());
    }

    private async Task<string> ServeAsync(RequestDelegate endpoint)
    {
        var problems = new ProblemMiddleware(_logger);
        await problems.HandleAsync(_context, context => problems.GuardAsync(context, endpoint));
        return Body();
    }

    private string Body() => Encoding.UTF8.GetString(_body.ToArray());
}
