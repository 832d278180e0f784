using Microsoft.AspNetCore.Http;
using OrdersActors.Http.Problems;
using OrdersActors.Http.Reading;

namespace OrdersActors.Tests.Http.Reading;

public sealed class QueryReaderTests
{
    [Fact]
    public void Parameters_are_decoded_and_empty_ones_are_not_given()
    {
        var query = Read("?after=5&epoch=a%20b&limit=", "after", "epoch", "limit");
        Assert.Equal(5, query.Number("after", 0, 10));
        Assert.Equal("a b", query.Text("epoch"));
        Assert.Null(query.Number("limit", 1, 10));
        Assert.False(query.Has("limit"));
    }

    [Theory]
    [InlineData("?b=1", "b", "expected a")]
    [InlineData("?A=1", "A", "expected a")]
    [InlineData("?a=1&a=1", "a", "only once")]
    [InlineData("?access_token=x.y.z", "access_token", "only for event streams")]
    public void Unknown_or_repeated_parameter_is_refused_by_name(string text, string field, string reason)
    {
        var problem = Assert.Throws<ProblemException>(() => Read(text, "a"));
        Assert.Equal((400, field), (problem.Status, problem.Field));
        Assert.Contains(reason, problem.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("x.y.z", problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("+1")]
    [InlineData("1.0")]
    [InlineData(" 1")]
    [InlineData("0x1")]
    [InlineData("11")]
    [InlineData("99999999999999999999")]
    public void Text_that_is_not_a_number_of_the_range_is_refused(string text)
    {
        var query = Read($"?a={Uri.EscapeDataString(text)}", "a");
        Assert.Equal("a", Assert.Throws<ProblemException>(() => query.Number("a", 0, 10)).Field);
    }

    private static QueryReader Read(string query, params string[] known)
    {
        var context = new DefaultHttpContext();
        context.Request.QueryString = new QueryString(query);
        return QueryReader.Read(context.Request, known);
    }
}
