using System.Text;
using OrdersActors.FrontEnd.Protocol;
using OrdersActors.FrontEnd.Subscriptions;

namespace OrdersActors.Tests.FrontEnd.Protocol;

public sealed class ClientMessageParserTests
{
    [Theory]
    [InlineData("""{"type":"connect","data":{"api_key":"k"}}""", "k", null)]
    [InlineData("""{"data":{"authorization_signature":"s","api_key":"k"},"type":"connect","extra":[1]}""", "k", "s")]
    [InlineData("""{"type":"connect","data":{"api_key":null,"future":{}}}""", null, null)]
    [InlineData("""{"type":"connect","data":{"api_key":"k","authorization_signature":""}}""", "k", "")]
    [InlineData("""{"type":"connect","data":{}}""", null, null)]
    [InlineData("""{"type":"connect"}""", null, null)]
    public void A_connect_is_read(string text, string? key, string? signature)
    {
        var message = Parse(text);
        Assert.Equal(ClientMessageType.Connect, message.Type);
        Assert.Equal(key, message.ApiKey);
        Assert.Equal(signature, message.AuthorizationSignature);
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
    public void A_subscription_without_an_order_id_is_for_the_organization(string text, string? orderId) =>
        Assert.Equal(orderId, Parse(text).OrderId);

    [Theory]
    [InlineData("""{"type":"subscribe","data":{"order_id":"o-1","after":0}}""", 0L, null)]
    [InlineData("""{"type":"subscribe","data":{"after":9223372036854775807}}""", long.MaxValue, null)]
    [InlineData("""{"type":"subscribe","data":{"last":1}}""", null, 1)]
    [InlineData("""{"type":"subscribe","data":{"last":100,"after":null}}""", null, 100)]
    public void A_subscribe_may_say_from_where_on(string text, long? after, int? last) =>
        Assert.Equal(new ResumePoint(after, last), Parse(text).Resume);

    [Theory]
    [InlineData("""{"type":"subscribe","data":{"order_id":"o-1"}}""")]
    [InlineData("""{"type":"subscribe","data":{"after":null,"last":null}}""")]
    [InlineData("""{"type":"subscribe"}""")]
    [InlineData("""{"type":"unsubscribe","data":{"after":"x","last":7.5}}""")]
    public void Who_does_not_say_it_gets_what_comes_from_now_on(string text) => Assert.Null(Parse(text).Resume);

    [Theory]
    [InlineData("\"abc\"")]
    [InlineData("\"\"")]
    [InlineData("\"a\\\"\\u00e9\"")]
    [InlineData("7")]
    [InlineData("-9007199254740993")]
    public void An_id_is_kept_to_the_letter(string id) =>
        Assert.Equal(id, Parse($$"""{"type":"ping","id":{{id}}}""").Id);

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
    [InlineData("""{"type":"connect","data":{"api_key":"k","authorization_signature":{}}}""", "authorization_signature must be a string")]
    [InlineData("""{"type":"subscribe","data":{"order_id":7}}""", "order_id must be a string")]
    [InlineData("""{"type":"subscribe","data":{"order_id":"a\u0000b"}}""", "order_id")]
    [InlineData("""{"type":"subscribe","data":{"order_id":"\ud800"}}""", "Unicode")]
    [InlineData("""{"type":"subscribe","data":{"after":-1}}""", "after must be an integer of at least 0")]
    [InlineData("""{"type":"subscribe","data":{"after":1.0}}""", "after must be")]
    [InlineData("""{"type":"subscribe","data":{"after":1e2}}""", "after must be")]
    [InlineData("""{"type":"subscribe","data":{"after":"1"}}""", "after must be")]
    [InlineData("""{"type":"subscribe","data":{"after":9223372036854775808}}""", "after must be")]
    [InlineData("""{"type":"subscribe","data":{"last":0}}""", "last must be an integer from 1 to 100")]
    [InlineData("""{"type":"subscribe","data":{"last":101}}""", "last must be")]
    [InlineData("""{"type":"subscribe","data":{"last":true}}""", "last must be")]
    [InlineData("""{"type":"subscribe","data":{"after":1,"last":1}}""", "exclude each other")]
    [InlineData("""{"type":"ping","id":1.5}""", "id must be")]
    [InlineData("""{"type":"ping","id":1e3}""", "id must be")]
    [InlineData("""{"type":"ping","id":92233720368547758080}""", "id must be")]
    [InlineData("""{"type":"ping","id":null}""", "id must be")]
    [InlineData("""{"type":"ping","id":{}}""", "id must be")]
    public void What_is_wrong_is_named(string text, string expected)
    {
        var e = Assert.Throws<RequestException>(() => Parse(text));
        Assert.Equal("invalid_message", e.Code.Code);
        Assert.StartsWith("invalid message: ", e.Message, StringComparison.Ordinal);
        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Lengths_are_limited()
    {
        Assert.Equal(128, Parse(Subscribe(new string('o', 128))).OrderId!.Length);
        Assert.Throws<RequestException>(() => Parse(Subscribe(new string('o', 129))));
        Parse($$"""{"type":"ping","id":"{{new string('i', 64)}}"}""");
        Assert.Throws<RequestException>(() => Parse($$"""{"type":"ping","id":"{{new string('i', 65)}}"}"""));

        static string Subscribe(string id) => $$$"""{"type":"subscribe","data":{"order_id":"{{{id}}}"}}""";
    }

    [Fact]
    public void The_id_is_known_even_where_the_rest_is_refused()
    {
        string? id = null;
        Assert.Throws<RequestException>(() =>
            ClientMessageParser.Parse("""{"id":5,"type":7}"""u8.ToArray(), out id));
        Assert.Equal("5", id);
    }

    [Fact]
    public void Nesting_without_end_is_refused() =>
        Assert.Throws<RequestException>(() => Parse(string.Concat(Enumerable.Repeat("{\"data\":", 5000))));

    [Fact]
    public void Mutations_of_good_messages_are_read_or_refused_and_nothing_else()
    {
        var random = new Random(20);
        byte[] good = [.. """{"type":"subscribe","id":"é1","data":{"order_id":"o-1","after":153,"x":[true,null]}}"""u8];
        for (var i = 0; i < 50_000; i++)
        {
            var bytes = good.ToArray();
            for (var n = random.Next(1, 4); n > 0; n--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            try
            {
                ClientMessageParser.Parse(bytes.AsMemory(0, random.Next(bytes.Length + 1)), out _);
            }
            catch (RequestException e)
            {
                Assert.Equal("invalid_message", e.Code.Code);
            }
        }
    }

    private static ClientMessage Parse(string text) =>
        ClientMessageParser.Parse(Encoding.UTF8.GetBytes(text), out _);
}
