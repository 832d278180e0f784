using System.Text;

namespace OrdersActors.Tests.Abstractions.Events;

public sealed class OrderStatusEventJsonTests
{
    [Fact]
    public void All_fields_are_read_in_any_order()
    {
        var input = Parse(
            """
             { "details" : { "a": [1.0, "\u00e9"] }, "occurred_at":"2031-02-03T04:05:06Z", "id":"e", "status":"s",
               "order\u005fid":"o", "organization_id":"shop" }
            """);
        Assert.Equal(("shop", true), (input.OrganizationId, input.HasId));
        Assert.Equal(
            new OrderStatusEvent
            {
                Id = "e",
                OrderId = "o",
                Status = "s",
                Details = """{ "a": [1.0, "\u00e9"] }""",
                OccurredAt = new DateTimeOffset(2031, 2, 3, 4, 5, 6, TimeSpan.Zero),
            },
            input.Event);
    }

    [Fact]
    public void Missing_and_null_fields_are_the_same()
    {
        foreach (var json in new[]
        {
            "{}",
            """
            {"organization_id":null,"order_id":null,"status":null,"id":null,"occurred_at":null,"details":null}
            """,
        })
        {
            var input = Parse(json);
            Assert.Equal((null, "", "", null), (
                input.OrganizationId, input.Event.OrderId, input.Event.Status, input.Event.Details));
            Assert.False(input.HasId);
            Assert.NotEmpty(input.Event.Id);
        }
    }

    [Theory]
    [InlineData("""{"statsu":1}""", "statsu", "is unknown; expected organization_id, order_id, status")]
    [InlineData("""{"a\nb":1}""", "a\\nb", "is unknown")]
    [InlineData("""{"id":"1","id":"1"}""", "id", "must not be repeated")]
    [InlineData("""{"id":"1","\u0069d":null}""", "id", "must not be repeated")]
    [InlineData("""{"order_id":7}""", "order_id", "must be a string")]
    [InlineData("""{"occurred_at":"2031-02-03"}""", "occurred_at", "must be an RFC 3339 time")]
    public void Wrong_field_is_named(string json, string field, string expected)
    {
        var e = Assert.Throws<InvalidOrderEventException>(() => Parse(json));
        Assert.Equal(field, e.Field);
        Assert.StartsWith($"{field} {expected}", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Long_name_is_cut()
    {
        var e = Assert.Throws<InvalidOrderEventException>(() => Parse($$"""{"{{new string('x', 100_000)}}":1}"""));
        Assert.InRange(e.Message.Length, 64, 200);
    }

    [Theory]
    [InlineData("", "is not valid JSON")]
    [InlineData("[]", "must be a JSON object")]
    [InlineData("[", "is not valid JSON")]
    [InlineData("7 8", "is not valid JSON")]
    [InlineData("""{"id":"1"} {}""", "is not valid JSON")]
    [InlineData("""{"id":"1",}""", "is not valid JSON")]
    [InlineData("""{"id":"\ud83d"}""", "half of a surrogate pair")]
    [InlineData("""{"\ud83d":1}""", "half of a surrogate pair")]
    [InlineData("{\0\"\0", "UTF-16")]
    public void Text_that_is_not_an_event_is_described_without_quoting_it(string json, string expected)
    {
        var e = Assert.Throws<EventJsonException>(() => Parse(json));
        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Deep_details_are_left_to_the_rules()
    {
        var deep = new string('[', 300) + new string(']', 300);
        Assert.Equal($$"""{"a":{{deep}}}""", Parse($$$"""{"details":{"a":{{{deep}}}}}""").Event.Details);
    }

    private static EventInput Parse(string json) => OrderStatusEventJson.Parse(Encoding.UTF8.GetBytes(json));
}
