using Microsoft.AspNetCore.Http;
using OrdersActors.Http.Problems;
using OrdersActors.Http.Streams;

namespace OrdersActors.Tests.Http.Streams;

public sealed class QueryTokenTests
{
    private readonly DefaultHttpContext _context = new();

    [Fact]
    public void Token_becomes_the_header_and_leaves_the_query()
    {
        _context.Request.QueryString = new QueryString("?after=1&access_token=a.b.c&epoch=x%20y");
        QueryToken.MoveToHeader(_context.Request);
        Assert.Equal("Bearer a.b.c", _context.Request.Headers.Authorization);
        Assert.Equal("?after=1&epoch=x%20y", _context.Request.QueryString.Value);
        Assert.False(_context.Request.Query.ContainsKey("access_token"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("?after=1")]
    public void Request_without_a_token_is_not_changed(string query)
    {
        _context.Request.QueryString = new QueryString(query);
        QueryToken.MoveToHeader(_context.Request);
        Assert.Equal(query, _context.Request.QueryString.Value);
        Assert.Equal(0, _context.Request.Headers.Authorization.Count);
    }

    [Fact]
    public void Token_beside_a_header_is_refused()
    {
        _context.Request.QueryString = new QueryString("?access_token=a.b.c");
        _context.Request.Headers.Authorization = "Basic x";
        var problem = Assert.Throws<ProblemException>(() => QueryToken.MoveToHeader(_context.Request));
        Assert.Equal((400, "access_token"), (problem.Status, problem.Field));
        Assert.False(_context.Request.QueryString.HasValue);
    }
}
