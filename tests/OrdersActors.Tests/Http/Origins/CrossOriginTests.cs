using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using OrdersActors.FrontEnd;
using OrdersActors.FrontEnd.Limits;
using OrdersActors.Http.Origins;

namespace OrdersActors.Tests.Http.Origins;

public sealed class CrossOriginTests
{
    private readonly DefaultHttpContext _context = new();
    private bool _isPassedOn;

    [Fact]
    public async Task Preflight_of_an_origin_that_any_organization_lists_is_answered()
    {
        Preflight("https://b.example", "authorization, x-trace");
        await HandleAsync();
        var headers = _context.Response.Headers;
        Assert.Equal(204, _context.Response.StatusCode);
        Assert.Equal("https://b.example", headers.AccessControlAllowOrigin);
        Assert.Equal("GET, HEAD", headers.AccessControlAllowMethods);
        Assert.Equal("authorization, x-trace", headers.AccessControlAllowHeaders);
        Assert.Equal(0, headers.AccessControlAllowCredentials.Count);
        Assert.Contains("Origin", headers.Vary.ToString(), StringComparison.Ordinal);
        Assert.False(_isPassedOn);
    }

    [Fact]
    public async Task Preflight_of_an_unlisted_origin_gets_no_permission()
    {
        Preflight("https://evil.example", new string('x', 5000));
        await HandleAsync();
        Assert.Equal(204, _context.Response.StatusCode);
        Assert.DoesNotContain(
            _context.Response.Headers, header => header.Key.StartsWith("Access-Control", StringComparison.Ordinal));
        Assert.False(_isPassedOn);
    }

    [Fact]
    public async Task Long_list_of_headers_is_not_repeated()
    {
        Preflight("https://a.example", new string('x', 5000));
        await HandleAsync();
        Assert.InRange(_context.Response.Headers.AccessControlAllowHeaders.ToString().Length, 1, 200);
    }

    [Fact]
    public async Task Request_is_passed_on_with_the_headers_for_its_origin()
    {
        _context.Request.Method = "GET";
        _context.Request.Headers.Origin = "https://a.example";
        await HandleAsync();
        Assert.True(_isPassedOn);
        Assert.Equal("https://a.example", _context.Response.Headers.AccessControlAllowOrigin);
        Assert.Contains(
            "ETag", _context.Response.Headers.AccessControlExposeHeaders.ToString(), StringComparison.Ordinal);
    }

    private void Preflight(string origin, string headers)
    {
        _context.Request.Method = "OPTIONS";
        _context.Request.Headers.Origin = origin;
        _context.Request.Headers.AccessControlRequestMethod = "GET";
        _context.Request.Headers.AccessControlRequestHeaders = headers;
    }

    private Task HandleAsync()
    {
        var options = new FrontEndOptions
        {
            AllowedOrigins = { ["one"] = "https://a.example", ["two"] = "https://b.example" },
        };
        var origins = new AllowedOrigins(Options.Create(options), NullLogger<AllowedOrigins>.Instance);
        return new CrossOrigin(origins).HandleAsync(_context, _ =>
        {
            _isPassedOn = true;
            return Task.CompletedTask;
        });
    }
}
