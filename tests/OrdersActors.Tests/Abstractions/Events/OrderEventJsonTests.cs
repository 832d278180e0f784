using System.Text;
using System.Text.Json;

namespace OrdersActors.Tests.Abstractions.Events;

public sealed class OrderEventJsonTests
{
    private static readonly OrderEvent Event = new()
    {
        OrganizationId = "shop",
        OrderId = "o-1",
        Version = 2,
        Sequence = 41,
        Id = "e-2",
        Status = "bezahlt \"☕\" <b>",
        OccurredAt = new DateTimeOffset(2026, 1, 2, 3, 4, 5, 678, TimeSpan.FromHours(1)),
        Details = """{ "amount": 12.50, "tags": ["a"] }""",
    };

    [Fact]
    public void Order_form_has_every_field_except_the_sequence()
    {
        using var json = JsonDocument.Parse(OrderEventJson.Encode(Event).Json);
        var data = json.RootElement;
        Assert.Equal(
            ["id", "organization_id", "order_id", "version", "status", "occurred_at", "details"],
            data.EnumerateObject().Select(p => p.Name));
        Assert.Equal("e-2", data.GetProperty("id").GetString());
        Assert.Equal("shop", data.GetProperty("organization_id").GetString());
        Assert.Equal("o-1", data.GetProperty("order_id").GetString());
        Assert.Equal(2, data.GetProperty("version").GetInt64());
        Assert.Equal("bezahlt \"☕\" <b>", data.GetProperty("status").GetString());
        Assert.Equal("2026-01-02T02:04:05.678000Z", data.GetProperty("occurred_at").GetString());
    }

    [Fact]
    public void Details_are_passed_on_unchanged()
    {
        var text = Encoding.UTF8.GetString(OrderEventJson.Encode(Event).Json);
        Assert.Contains("\"details\":{ \"amount\": 12.50, \"tags\": [\"a\"] }", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Event_is_one_line_even_if_its_stored_details_are_not()
    {
        var text = OrderEventJson.ToText(Event with { Details = "{\r\n  \"a\": [1.0,\n 1e2], \"b c\": \"\\n\"\n}" });
        Assert.Contains("\"details\":{\"a\":[1.0,1e2],\"b c\":\"\\n\"}", text, StringComparison.Ordinal);
        Assert.Equal(-1, text.AsSpan().IndexOfAny('\r', '\n'));
    }

    [Theory]
    [InlineData("2026-01-02T03:04:05Z", "2026-01-02T03:04:05.000000Z")]
    [InlineData("2026-01-02T03:04:05.1234567+01:00", "2026-01-02T02:04:05.123456Z")]
    public void Time_always_has_six_fractional_digits(string occurredAt, string written)
    {
        var time = DateTimeOffset.Parse(occurredAt, System.Globalization.CultureInfo.InvariantCulture);
        using var json = JsonDocument.Parse(OrderEventJson.Encode(Event with { OccurredAt = time }).Json);
        Assert.Equal(written, json.RootElement.GetProperty("occurred_at").GetString());
        Assert.Equal(written, OrderEventJson.TimeText(time));
    }

    [Fact]
    public void Details_are_absent_if_the_event_has_none()
    {
        using var json = JsonDocument.Parse(OrderEventJson.Encode(Event with { Details = null }).Json);
        Assert.False(json.RootElement.TryGetProperty("details", out _));
    }

    [Fact]
    public void Organization_form_is_the_order_form_plus_the_sequence()
    {
        using var json = JsonDocument.Parse(OrderEventJson.ToText(Event));
        Assert.Equal(41, json.RootElement.GetProperty("sequence").GetInt64());
        Assert.Equal(8, json.RootElement.EnumerateObject().Count());
    }
}
