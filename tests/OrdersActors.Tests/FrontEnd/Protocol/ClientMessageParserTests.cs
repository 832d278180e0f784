using OrdersActors.FrontEnd.Protocol;

namespace OrdersActors.Tests.FrontEnd.Protocol;

public sealed class ClientMessageParserTests
{
    [Theory]
    [InlineData("""{"type":"connect","data":{"api_key":"k"}}""", "k", null)]
    [InlineData("""{"data":{"authorization_signature":"s","api_key":"k"},"type":"connect","extra":[1]}""", "k", "s")]
    [InlineData("""{"type":"connect","data":{"api_key":null,"future":{}}}""", null, null)]
    [InlineData("""{"type":"connect","data":{"api_key":"k","authorization_signature":""}}""", "k", null)]
    [InlineData("""{"type":"connect","data":{"api_key":"k","authorization_signature":null}}""", "k", null)]
    [InlineData("""{"type":"connect","data":{"api_key":""}}""", null, null)]
    [InlineData("""{"type":"connect","data":{}}""", null, null)]
    [InlineData("""{"type":"connect"}""", null, null)]
    public void Connect_is_parsed(string text, string? key, string? signature)
    {
        var message = Parse(text);
        Assert.Equal(ClientMessageType.Connect, message.Type);
        Assert.Equal(key, message.ApiKey);
        Assert.Equal(signature, message.AuthorizationSignature);
    }

    [Theory]
    [InlineData("""{"type":"connect","data":{"api_key":"k","token":"t"}}""", "t")]
    [InlineData("""{"type":"connect","data":{"api_key":"k","token":"t","authorization_signature":""}}""", "t")]
    [InlineData("""{"type":"connect","data":{"api_key":"k","token":null}}""", null)]
    [InlineData("""{"type":"connect","data":{"api_key":"k","token":""}}""", null)]
    public void Connect_may_have_a_token(string text, string? token) => Assert.Equal(token, Parse(text).Token);

    [Theory]
    [InlineData("""{"api_key":"k","token":7}""", "token must be a string, not a number")]
    [InlineData("""{"api_key":"k","token":"t","authorization_signature":"s"}""", "exclude each other")]
    [InlineData("""{"api_key":"k","token":"t","token":"t"}""", "token is given twice")]
    public void Wrong_token_field_is_named(string data, string expected)
    {
        var refusal = ParsedMessage.Refused($$"""{"type":"connect","data":{{data}}}""");
        Assert.Equal("invalid_message", refusal.Code.Code);
        Assert.Contains(expected, refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"type":"subscribe","data":{"order_id":"o-1"}}""", "o-1")]
    [InlineData("""{"type":"subscribe","data":{"order_id":""}}""", null)]
    [InlineData("""{"type":"subscribe","data":{"order_id":null}}""", null)]
    [InlineData("""{"type":"subscribe","data":{}}""", null)]
    [InlineData("""{"type":"subscribe","data":null}""", null)]
    [InlineData("""{"type":"subscribe"}""", null)]
    [InlineData("""{"type":"unsubscribe","data":{"order_id":"o-1"}}""", "o-1")]
    [InlineData("""{"type":"unsubscribe"}""", null)]
    public void Subscription_without_an_order_id_is_for_the_organization(string text, string? orderId) =>
        Assert.Equal(orderId, OrderOf(Parse(text)));

    [Theory]
    [InlineData("""{"type":"subscribe","data":{"order_id":"o-1","after":0}}""", 0L, null, null)]
    [InlineData("""{"type":"subscribe","data":{"after":9223372036854775807,"epoch":"e"}}""", long.MaxValue, null, "e")]
    [InlineData("""{"type":"subscribe","data":{"last":0}}""", null, 0, null)]
    [InlineData("""{"type":"subscribe","data":{"last":1,"epoch":""}}""", null, 1, null)]
    [InlineData("""{"type":"subscribe","data":{"last":100,"after":null,"epoch":null}}""", null, 100, null)]
    [InlineData("""{"type":"subscribe","data":{"epoch":"e"}}""", null, null, "e")]
    public void Subscribe_may_name_its_starting_point(string text, long? after, int? last, string? epoch) =>
        Assert.Equal(new ResumePoint(after, last, epoch), Assert.Single(Parse(text).Entries).Resume);

    [Theory]
    [InlineData("""{"type":"subscribe","data":{"order_id":"o-1"}}""")]
    [InlineData("""{"type":"subscribe","data":{"after":null,"last":null,"epoch":""}}""")]
    [InlineData("""{"type":"subscribe"}""")]
    public void Subscribe_without_a_starting_point_begins_with_future_events(string text) =>
        Assert.Null(Assert.Single(Parse(text).Entries).Resume);

    [Fact]
    public void Unsubscribe_ignores_a_starting_point() =>
        Assert.Null(Parse("""{"type":"unsubscribe","data":{"after":"x","last":7.5}}""").OrderId);

    [Theory]
    [InlineData("\"abc\"")]
    [InlineData("\"a\\\"\\u00e9\"")]
    [InlineData("7")]
    [InlineData("-9007199254740993")]
    public void Id_is_kept_unchanged(string id) =>
        Assert.Equal(id, Parse($$"""{"type":"ping","id":{{id}}}""").Id);

    [Theory]
    [InlineData("null")]
    [InlineData("\"\"")]
    public void Null_or_empty_id_counts_as_absent(string id) =>
        Assert.Null(Parse($$"""{"type":"ping","id":{{id}}}""").Id);

    [Theory]
    [InlineData("", "not JSON")]
    [InlineData("x", "not JSON")]
    [InlineData("{", "not JSON")]
    [InlineData("""{"type":"ping"} {}""", "not JSON")]
    [InlineData("[]", "JSON object")]
    [InlineData("null", "JSON object")]
    [InlineData("\"connect\"", "JSON object")]
    [InlineData("{}", "type is missing")]
    [InlineData("""{"type":null}""", "type is missing")]
    [InlineData("""{"type":7}""", "type must be a string")]
    [InlineData("""{"type":"connect","data":[]}""", "data must be an object")]
    [InlineData("""{"type":"connect","data":"x"}""", "data must be an object")]
    [InlineData("""{"type":"connect","data":{"api_key":7}}""", "api_key must be a string")]
    [InlineData(
        """{"type":"connect","data":{"api_key":"k","authorization_signature":{}}}""",
        "authorization_signature must be a string")]
    [InlineData("""{"type":"subscribe","data":{"order_id":7}}""", "order_id must be a string")]
    [InlineData("""{"type":"subscribe","data":{"order_id":"a\u0000b"}}""", "order_id")]
    [InlineData("""{"type":"subscribe","data":{"order_id":"\ud800"}}""", "Unicode")]
    [InlineData("""{"type":"subscribe","data":{"after":-1}}""", "after must be an integer of at least 0")]
    [InlineData("""{"type":"subscribe","data":{"after":1.0}}""", "after must be")]
    [InlineData("""{"type":"subscribe","data":{"after":1e2}}""", "after must be")]
    [InlineData("""{"type":"subscribe","data":{"after":"1"}}""", "after must be an integer, not a string")]
    [InlineData("""{"type":"subscribe","data":{"after":9223372036854775808}}""", "after must be")]
    [InlineData("""{"type":"subscribe","data":{"after":""}}""", "after must be an integer, not a string")]
    [InlineData("""{"type":"subscribe","data":{"last":-1}}""", "last must be an integer from 0 to 100")]
    [InlineData("""{"type":"subscribe","data":{"epoch":7}}""", "epoch must be a string, not a number")]
    [InlineData("""{"type":"subscribe","data":{"order_id":["a"]}}""", "order_id must be a string, not an array")]
    [InlineData("""{"type":"subscribe","data":{"last":101}}""", "last must be")]
    [InlineData("""{"type":"subscribe","data":{"last":true}}""", "last must be an integer, not a boolean")]
    [InlineData("""{"type":"subscribe","data":{"after":1,"last":1}}""", "exclude each other")]
    [InlineData("""{"type":"ping","id":1.5}""", "id must be")]
    [InlineData("""{"type":"ping","id":1e3}""", "id must be")]
    [InlineData("""{"type":"ping","id":92233720368547758080}""", "id must be")]
    [InlineData("""{"type":"ping","id":true}""", "id must be")]
    [InlineData("""{"type":"ping","id":{}}""", "id must be")]
    public void Invalid_part_of_a_message_is_named(string text, string expected)
    {
        var refusal = ParsedMessage.Refused(text);
        Assert.Equal("invalid_message", refusal.Code.Code);
        Assert.StartsWith("invalid message: ", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(expected, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Lengths_are_limited()
    {
        Assert.Equal(128, OrderOf(Parse(Subscribe(new string('o', 128))))!.Length);
        ParsedMessage.Refused(Subscribe(new string('o', 129)));
        Parse($$"""{"type":"ping","id":"{{new string('i', 64)}}"}""");
        ParsedMessage.Refused($$"""{"type":"ping","id":"{{new string('i', 65)}}"}""");
        Parse($$"""{"type":"ping","id":"{{string.Concat(Enumerable.Repeat("😀", 64))}}"}""");
        ParsedMessage.Refused($$"""{"type":"ping","id":"{{string.Concat(Enumerable.Repeat("😀", 65))}}"}""");

        static string Subscribe(string id) => $$$"""{"type":"subscribe","data":{"order_id":"{{{id}}}"}}""";
    }

    [Fact]
    public void Id_is_known_even_if_the_rest_is_refused()
    {
        var message = ClientMessageParser.Parse("""{"id":5,"type":7}"""u8.ToArray());
        Assert.NotNull(message.Refusal);
        Assert.Equal("5", message.Id);
    }

    [Fact]
    public void Endless_nesting_is_refused() =>
        ParsedMessage.Refused(string.Concat(Enumerable.Repeat("{\"data\":", 5000)));

    [Fact]
    public void Mutated_messages_are_either_parsed_or_refused()
    {
        var random = new Random(20);
        byte[] good =
            [.. """{"type":"subscribe","id":"é1","data":{"order_id":"o-1","after":153,"x":[true,null]}}"""u8];
        for (var i = 0; i < 50_000; i++)
        {
            var bytes = good.ToArray();
            for (var n = random.Next(1, 4); n > 0; n--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            var message = ClientMessageParser.Parse(bytes.AsMemory(0, random.Next(bytes.Length + 1)));
            Assert.Contains(message.Refusal?.Code.Code, (string?[])[null, "invalid_message"]);
        }
    }

    [Theory]
    [InlineData("""{"type":"ping","type":"connect"}""", "type is given twice")]
    [InlineData("""{"type":"subscribe","data":{"order_id":"a","order_id":""}}""", "order_id is given twice")]
    [InlineData("""{"type":"subscribe","data":{"order_id":"a","order\u005fid":"b"}}""", "order_id is given twice")]
    [InlineData(
        """{"type":"subscribe","data":{"orders":[{"order_id":"a","after":1,"after":2}]}}""", "after is given twice")]
    public void Field_given_twice_is_refused_by_name(string text, string expected) =>
        Assert.Contains(expected, ParsedMessage.Refused(text).Message, StringComparison.Ordinal);

    [Fact]
    public void Refused_subscribe_names_its_order() => Assert.Equal(
        "o-1",
        ClientMessageParser.Parse(
            """{"type":"subscribe","data":{"order_id":"o-1","after":"1"}}"""u8.ToArray()).OrderId);

    private static string? OrderOf(ClientMessage message) =>
        message.Type == ClientMessageType.Subscribe ? Assert.Single(message.Entries).OrderId : message.OrderId;

    private static ClientMessage Parse(string text) => ParsedMessage.Valid(text);
}
