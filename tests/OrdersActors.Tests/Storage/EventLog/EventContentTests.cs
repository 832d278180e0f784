using OrdersActors.Storage.EventLog;

namespace OrdersActors.Tests.Storage.EventLog;

public sealed class EventContentTests
{
    private static readonly OrderStatusEvent Given = new()
    {
        OrderId = "o-1",
        Id = "e-1",
        Status = "paid",
        Details = """{"a":"x y"}""",
    };

    [Fact]
    public void Time_is_not_compared()
    {
        var stored = EventRow.Numbered(Given, "shop", 1, 1, "epoch");
        EventContent.CheckSame(Given with { OccurredAt = Given.OccurredAt.AddDays(1) }, 0, stored);
    }

    [Theory]
    [InlineData("o-2", "paid", """{"a":"x y"}""", "order_id")]
    [InlineData("o-1", "sent", """{"a":"x y"}""", "status")]
    [InlineData("o-1", "paid", """{"a":"xy"}""", "details")]
    [InlineData("o-1", "paid", null, "details")]
    [InlineData("o-2", "sent", null, "order_id")]
    public void First_difference_is_named(string order, string status, string? details, string field)
    {
        var stored = EventRow.Numbered(
            Given with { OrderId = order, Status = status, Details = details }, "shop", 1, 1, "epoch");
        var e = Assert.Throws<EventConflictException>(() => EventContent.CheckSame(Given, 3, stored));
        Assert.Equal(("e-1", 3, "o-1", order, field), (e.EventId, e.Index, e.OrderId, e.StoredOrderId, e.Field));
    }

    [Theory]
    [InlineData("""{ "a" : "x y" }""")]
    [InlineData("{\r\n\t\"a\":\"x y\"\n}")]
    public void White_space_between_the_tokens_of_stored_details_is_ignored(string stored) =>
        EventContent.CheckSame(
            Given, 0, EventRow.Numbered(Given with { Details = stored }, "shop", 1, 1, "epoch"));

    [Fact]
    public void Escaped_quote_does_not_end_a_string()
    {
        var given = Given with { Details = """{"a":"\" x"}""" };
        EventContent.CheckSame(
            given, 0, EventRow.Numbered(given with { Details = """{ "a":"\" x" }""" }, "shop", 1, 1, "epoch"));
        Assert.Throws<EventConflictException>(() => EventContent.CheckSame(
            given, 0, EventRow.Numbered(given with { Details = """{"a":"\"x"}""" }, "shop", 1, 1, "epoch")));
    }

    [Fact]
    public void Repeats_are_found_with_the_index_of_the_first_event_of_their_id()
    {
        Assert.Empty(EventContent.FindRepeats([Given]));
        Assert.Empty(EventContent.FindRepeats([Given, Given with { Id = "e-2" }]));
        var repeats = EventContent.FindRepeats([Given with { Id = "e-2" }, Given, Given, Given]);
        Assert.Equal([(2, 1), (3, 1)], repeats.Select(pair => (pair.Key, pair.Value)).Order());
    }

    [Fact]
    public void Repeat_with_other_content_is_a_conflict_that_names_the_later_event()
    {
        var e = Assert.Throws<EventConflictException>(
            () => EventContent.FindRepeats([Given, Given, Given with { Status = "sent" }]));
        Assert.Equal((2, "status"), (e.Index, e.Field));
    }
}
