using System.Text;
using OrdersActors.Server.Commands.Files;

namespace OrdersActors.Tests.Commands.Files;

public sealed class PublishedLineTests
{
    [Fact]
    public void Line_is_parsed_into_an_event()
    {
        var line = Parse(
            """{"organization_id":"shop","order_id":"o","status":"s","id":"e","occurred_at":"2031-02-03T"""
            + """04:05:06+01:00","details":{ "a": 1.0 }}""");
        Assert.Equal(("shop", 7, true), (line.OrganizationId, line.Number, line.HasId));
        Assert.Equal(
            new OrderStatusEvent
            {
                OrderId = "o",
                Status = "s",
                Id = "e",
                Details = "{\"a\":1.0}",
                OccurredAt = new DateTimeOffset(2031, 2, 3, 3, 5, 6, TimeSpan.Zero),
            },
            line.Event);
    }

    [Fact]
    public void Line_without_an_id_gets_one()
    {
        var line = Parse("""{"organization_id":"shop","order_id":"o","status":"s","details":null}""");
        Assert.False(line.HasId);
        Assert.Null(line.Event.Details);
        Assert.NotEmpty(line.Event.Id);
    }

    [Theory]
    [InlineData("""{"organization_id":"shop","order_id":"o","status":"s","statsu":1}""", "statsu is unknown")]
    [InlineData("""{"organization_id":"shop","order_id":"o","status":"s","a\nb":1}""", "a\\nb is unknown")]
    [InlineData(
        """{"organization_id":"shop","order_id":"o","status":"s","status":"t"}""", "status must not be repeated")]
    [InlineData("""{"organization_id":"shop","order_id":"o","status":7}""", "status must be a string")]
    [InlineData(
        """{"organization_id":"shop","order_id":"o","status":"s","occurred_at":"2031-02-03 04:05"}""",
        "occurred_at must be an RFC 3339 time")]
    [InlineData("""{"organization_id":"shop","order_id":"\ud83d","status":"s"}""", "Unicode")]
    [InlineData(
        """{"organization_id":"shop","order_id":"o","status":"s","details":{"\ud83d":1}}""",
        "details must be valid Unicode")]
    [InlineData("""[]""", "must be a JSON object")]
    [InlineData("""{"a""", "is not valid JSON")]
    [InlineData("{\0\"\0", "UTF-16")]
    public void Bad_line_is_named_with_its_field(string text, string problem)
    {
        var e = Assert.Throws<BadLineException>(() => Parse(text));
        Assert.StartsWith("line 7: ", e.Message, StringComparison.Ordinal);
        Assert.Contains(problem, e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
    }

    [Fact]
    public void Deeply_nested_details_are_reported_with_the_limit()
    {
        var deep = new string('[', 300) + new string(']', 300);
        var e = Assert.Throws<BadLineException>(() =>
            Parse($$$"""{"organization_id":"shop","order_id":"o","status":"s","details":{"a":{{{deep}}}}}"""));
        Assert.Contains("details must nest at most 60 levels", e.Message, StringComparison.Ordinal);
    }

    private static PublishedLine Parse(string text) => PublishedLine.Parse(7, Encoding.UTF8.GetBytes(text));
}
