using OrdersActors.FrontEnd.Protocol;

namespace OrdersActors.Tests.FrontEnd.Protocol;

/// <summary>A message that names one order never becomes one for the whole organization.</summary>
public sealed class MisplacedFieldsTests
{
    [Theory]
    [InlineData("""{"data":{"orderId":"o"}}""")]
    [InlineData("""{"data":{"order":"o"}}""")]
    [InlineData("""{"data":{"id":"o"}}""")]
    [InlineData("""{"data":{"OrderId":"o"}}""")]
    [InlineData("""{"data":{"orderID":"o"}}""")]
    [InlineData("""{"data":{"order-id":"o"}}""")]
    [InlineData("""{"data":{"ORDER_ID":"o"}}""")]
    [InlineData("""{"data":{"order_id ":"o"}}""")]
    [InlineData("""{"data":{"order_id":"","orderId":"o"}}""")]
    [InlineData("""{"data":{"order_id":null,"order":{"id":"o"}}}""")]
    [InlineData("""{"data":{"orderNumber":7}}""")]
    [InlineData("""{"order_id":"o"}""")]
    [InlineData("""{"order_id":"o","data":{}}""")]
    [InlineData("""{"order_id":"o","data":{"order_id":"o"}}""")]
    [InlineData("""{"orderId":"o","data":null}""")]
    [InlineData("""{"Data":{"order_id":"o"}}""")]
    [InlineData("""{"payload":{"order_id":"o"},"data":{}}""")]
    [InlineData("""{"data":{"data":{"order_id":"o"}}}""")]
    [InlineData("""{"data":{"filter":[{"a":{"orderId":"o"}}]}}""")]
    public void Order_id_with_a_wrong_name_or_place_is_refused_and_the_right_place_is_named(string fields)
    {
        foreach (var type in (string[])["subscribe", "unsubscribe"])
        {
            var refusal = ParsedMessage.Refused($$"""{"type":"{{type}}",{{fields[1..]}}""");
            Assert.Equal("invalid_message", refusal.Code.Code);
            Assert.Contains("expected \"order_id\"", refusal.Message, StringComparison.Ordinal);
            Assert.Contains("data", refusal.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("""{"type":"subscribe","data":{"order_ids":["o"]}}""", "\"orders\"")]
    [InlineData("""{"type":"subscribe","data":{"Orders":[{"order_id":"o"}]}}""", "\"orders\"")]
    [InlineData("""{"type":"subscribe","orders":[{"order_id":"o"}]}""", "\"orders\"")]
    [InlineData("""{"type":"subscribe","data":{"order_id":"o","After":7}}""", "\"after\"")]
    [InlineData("""{"type":"subscribe","after":7,"data":{"order_id":"o"}}""", "\"after\"")]
    [InlineData("""{"type":"subscribe","last":7,"data":{"order_id":"o"}}""", "\"last\"")]
    [InlineData("""{"type":"subscribe","epoch":"e","data":{"order_id":"o","after":7}}""", "\"epoch\"")]
    [InlineData("""{"type":"connect","data":{"apiKey":"k"}}""", "\"api_key\"")]
    [InlineData("""{"type":"connect","data":{"key":"k"}}""", "\"api_key\"")]
    [InlineData("""{"type":"connect","api_key":"k"}""", "\"api_key\"")]
    [InlineData("""{"type":"connect","data":{"api_key":"k","signature":"s"}}""", "\"authorization_signature\"")]
    [InlineData(
        """{"type":"connect","data":{"api_key":"k","authorizationSignature":"s"}}""", "\"authorization_signature\"")]
    [InlineData("""{"type":"connect","data":{"api_key":"k","Token":"t"}}""", "\"token\"")]
    [InlineData("""{"type":"connect","data":{"api_key":"k","jwt":"t"}}""", "\"token\"")]
    [InlineData("""{"type":"connect","token":"t","data":{"api_key":"k"}}""", "\"token\"")]
    public void Other_fields_with_a_wrong_name_or_place_are_refused(string text, string expected)
    {
        var refusal = ParsedMessage.Refused(text);
        Assert.Equal("invalid_message", refusal.Code.Code);
        Assert.Contains($"expected {expected}", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"type":"subscribe","data":{},"id":"order-7"}""")]
    [InlineData("""{"type":"subscribe","data":{"order_id":"o","order":"shown to people","id":7}}""")]
    [InlineData("""{"type":"subscribe","data":{"order_id":"o","orderId":"o","meta":{"order_id":"x"}}}""")]
    [InlineData("""{"type":"subscribe","data":{"since":1,"reorder":true},"trace":{"id":"t-1"}}""")]
    [InlineData("""{"type":"unsubscribe","data":{"order_id":"o","after":1},"after":2}""")]
    [InlineData("""{"type":"ping","order_id":"o","data":{"orderId":"o"}}""")]
    public void Unrelated_unknown_fields_and_misspelled_fields_beside_the_right_one_are_ignored(string text) =>
        Parse(text);

    private static ClientMessage Parse(string text) => ParsedMessage.Valid(text);
}
