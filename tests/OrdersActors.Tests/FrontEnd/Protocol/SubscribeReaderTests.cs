using OrdersActors.FrontEnd.Protocol;

namespace OrdersActors.Tests.FrontEnd.Protocol;

public sealed class SubscribeReaderTests
{
    [Fact]
    public void Each_element_of_orders_is_an_entry_in_order()
    {
        var entries = Read(
            """[{"order_id":"a","after":7,"epoch":"e"},{"order_id":"b","last":0},{"order_id":"c","x":1}]""");
        Assert.Equal(
            [
                new SubscribeEntry("a", new ResumePoint(7, null, "e")),
                new SubscribeEntry("b", new ResumePoint(null, 0)),
                new SubscribeEntry("c", null),
            ],
            entries);
    }

    [Theory]
    [InlineData("""{"order_id":"a","after":"7"}""", "orders[1].after must be an integer, not a string", "a")]
    [InlineData(
        """{"order_id":"a","after":7,"last":7}""", "orders[1].after and orders[1].last exclude each other", "a")]
    [InlineData("""{"order_id":7}""", "orders[1].order_id must be a string, not a number", null)]
    [InlineData("""{"order_id":""}""", "orders[1].order_id is missing", null)]
    [InlineData("""{"order_id":null}""", "orders[1].order_id is missing", null)]
    [InlineData("{}", "orders[1].order_id is missing", null)]
    [InlineData("""{"orderId":"a"}""", "orders[1] has \"orderId\": expected \"order_id\"", null)]
    [InlineData("""{"id":"a"}""", "orders[1] has \"id\": expected \"order_id\"", null)]
    [InlineData("\"a\"", "orders[1] must be an object, not a string", null)]
    [InlineData("null", "orders[1] must be an object, not null", null)]
    public void Invalid_element_is_refused_alone_and_by_name(string element, string expected, string? orderId)
    {
        var entries = Read($$"""[{"order_id":"first"},{{element}},{"order_id":"last"}]""");
        Assert.Equal(3, entries.Count);
        Assert.Null(entries[0].Refusal);
        Assert.Equal("invalid_message", entries[1].Refusal!.Code.Code);
        Assert.Contains(expected, entries[1].Refusal!.Message, StringComparison.Ordinal);
        Assert.Equal(orderId, entries[1].OrderId);
        Assert.Null(entries[2].Refusal);
    }

    [Theory]
    [InlineData("""{"type":"subscribe","data":{"orders":[]}}""", "orders must have at least one element")]
    [InlineData("""{"type":"subscribe","data":{"orders":null}}""", "orders must be an array, not null")]
    [InlineData("""{"type":"subscribe","data":{"orders":"o-1"}}""", "orders must be an array, not a string")]
    [InlineData(
        """{"type":"subscribe","data":{"orders":{"order_id":"o-1"}}}""", "orders must be an array, not an object")]
    [InlineData(
        """{"type":"subscribe","data":{"orders":[{"order_id":"a"}],"order_id":"b"}}""",
        "order_id and orders exclude each other")]
    [InlineData(
        """{"type":"subscribe","data":{"orders":[{"order_id":"a"}],"after":1}}""",
        "after and orders exclude each other")]
    [InlineData("""{"type":"unsubscribe","data":{"orders":[{"order_id":"a"}]}}""", "unsubscribe takes one order_id")]
    public void Message_with_orders_never_means_the_whole_organization(string text, string expected)
    {
        var refusal = ParsedMessage.Refused(text);
        Assert.Contains(expected, refusal.Message, StringComparison.Ordinal);
    }

    private static IReadOnlyList<SubscribeEntry> Read(string orders) => ParsedMessage.Valid(
        $$$"""{"type":"subscribe","data":{"orders":{{{orders}}}}}""").Entries;
}
