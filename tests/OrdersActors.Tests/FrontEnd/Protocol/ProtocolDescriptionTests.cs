using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Xml.Linq;
using OrdersActors.FrontEnd;
using OrdersActors.FrontEnd.Protocol;
using OrdersActors.FrontEnd.Transport;
using OrdersActors.TestServer.Contract;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.FrontEnd.Protocol;

/// <summary>The AsyncAPI document of <c>/ws</c> says what the code does.</summary>
public sealed class ProtocolDescriptionTests
{
    private static readonly JsonElement Document = Read();
    private static readonly JsonElement Channel = Document.GetProperty("channels").GetProperty("orders");

    /// <summary>Every error that the server has.</summary>
    internal static ProtocolError[] Errors { get; } = StaticsOf<ProtocolError>();

    /// <summary>Every reason to close that the server has.</summary>
    internal static CloseReason[] Closes { get; } =
    [
        .. StaticsOf<CloseReason>(),
        CloseReason.Of(UnacceptableFrameException.Violation("x")),
        CloseReason.Of(UnacceptableFrameException.BinaryMessage()),
        CloseReason.Of(UnacceptableFrameException.InvalidUtf8()),
        CloseReason.Of(UnacceptableFrameException.MessageTooBig(16384)),
        CloseReason.Of(UnacceptableFrameException.TooManyEmptyFrames(16)),
    ];

    public static TheoryData<string> Requests =>
        [.. ExamplesOf("connect", "subscribe", "unsubscribe", "ping")];

    public static TheoryData<string> Replies =>
        [.. ExamplesOf("connected", "subscription", "event", "error", "expiring", "pong")];

    [Fact]
    public void Version_is_that_of_the_product() =>
        Assert.Equal(
            XDocument.Load(Path.Combine(SourceFolders.Root, "Directory.Build.props"))
                .Descendants("VersionPrefix").Single().Value,
            Document.GetProperty("info").Text("version"));

    [Fact]
    public void Error_codes_are_those_of_the_server()
    {
        var described = Channel.GetProperty("x-error-codes").EnumerateArray().ToArray();
        Assert.Equal(
            Errors.Select(error => (error.Code, error.Words)).Order(),
            described.Select(error => (error.Text("code")!, error.Text("words")!)).Order());
        Assert.Equal(
            described.Select(error => error.Text("code")),
            SchemaOf("ErrorCode").GetProperty("enum").EnumerateArray().Select(code => code.GetString()));
    }

    [Fact]
    public void Close_codes_are_those_of_the_server() =>
        Assert.Equal(
            Closes.Select(reason => (int)reason.Status).Append(1000).Distinct().Order(),
            Channel.GetProperty("x-close-codes").EnumerateArray().Select(close => (int)close.Number("status")!));

    [Fact]
    public void Limits_are_the_defaults()
    {
        var options = new FrontEndOptions();
        var limits = Channel.GetProperty("x-limits");
        (string, double)[] expected =
        [
            ("max_client_message_bytes", options.MaxMessageBytes),
            ("max_server_message_bytes", ServerFrames.MaxMessageBytes),
            ("authentication_deadline_ms", options.AuthenticationDeadline.TotalMilliseconds),
            ("ping_interval_ms", options.PingInterval.TotalMilliseconds),
            ("messages_per_second", options.MessageRate),
            ("message_burst", options.MessageBurst),
            ("max_subscriptions", options.MaxSubscriptions),
        ];
        Assert.Equal(expected, limits.EnumerateObject().Select(limit => (limit.Name, limit.Value.GetDouble())));
        var events = SchemaOf("Event").GetProperty("properties").GetProperty("data").GetProperty("properties");
        Assert.Equal(OrderEventRules.MaxEventIdLength, events.GetProperty("id").Number("maxLength"));
        Assert.Equal(
            OrderEventRules.MaxOrganizationIdLength, events.GetProperty("organization_id").Number("maxLength"));
        Assert.Equal(OrderEventRules.MaxStatusLength, events.GetProperty("status").Number("maxLength"));
        Assert.Equal(OrderEventRules.MaxOrderIdLength, SchemaOf("OrderId").Number("maxLength"));
        Assert.Equal(OrderEventRules.MaxOrderIdLength, SchemaOf("RequestedOrderId").Number("maxLength"));
        Assert.Equal(ResumePoint.MaxLast, SchemaOf("Last").Number("maximum"));
    }

    [Theory]
    [MemberData(nameof(Requests))]
    public void Example_of_a_request_is_valid_and_can_be_parsed(string text)
    {
        Assert.Null(MessageSchemas.Current.ProblemOfRequest(Parse(text)));
        Assert.NotEqual(
            ClientMessageType.Unknown, ParsedMessage.Valid(text).Type);
    }

    [Theory]
    [MemberData(nameof(Replies))]
    public void Example_of_a_reply_is_valid(string text) =>
        Assert.Null(MessageSchemas.Current.ProblemOfReply(Parse(text)));

    [Theory]
    [InlineData("""{"type":"pong","later":1}""")]
    [InlineData("""{"type":"later"}""")]
    [InlineData("""{"type":"connected","data":{"status":"authenticated","later":1}}""")]
    [InlineData("""{"type":"subscription","data":{"scope":"order","status":"subscribed"}}""")]
    [InlineData("""{"type":"subscription","data":{"order_id":"o","scope":"organization","status":"subscribed"}}""")]
    [InlineData("""{"type":"subscription","data":{"scope":"organization","status":"subscribed","resumed":false}}""")]
    [InlineData("""{"type":"subscription","data":{"scope":"organization","status":"subscribed","epoch":"e"}}""")]
    [InlineData("""{"type":"error","data":{"code":"other","message":"x"}}""")]
    [InlineData("""{"type":"error","data":{"code":"unavailable","message":"x","retry_after_ms":1}}""")]
    public void Strict_schema_refuses_what_the_document_does_not_describe(string text) =>
        Assert.NotNull(MessageSchemas.Current.ProblemOfReply(Parse(text)));

    [Theory]
    [InlineData("""{"type":"connect"}""")]
    [InlineData("""{"type":"connect","data":{"api_key":"k","authorization_signature":"s","token":"t"}}""")]
    [InlineData("""{"type":"subscribe","data":[]}""")]
    [InlineData("""{"type":"subscribe","data":{"order_id":1}}""")]
    [InlineData("""{"type":"subscribe","order_id":"o","data":{}}""")]
    [InlineData("""{"type":"subscribe","data":{"orders":[]}}""")]
    [InlineData("""{"type":"subscribe","data":{"orders":[{"order_id":""}]}}""")]
    [InlineData("""{"type":"subscribe","data":{"after":1,"orders":[{"order_id":"o"}]}}""")]
    [InlineData("""{"type":"subscribe","data":{"after":1,"last":1}}""")]
    [InlineData("""{"type":"subscribe","data":{"after":-1}}""")]
    [InlineData("""{"type":"subscribe","data":{"last":101}}""")]
    [InlineData("""{"type":"unsubscribe","data":{"orders":[{"order_id":"o"}]}}""")]
    [InlineData("""{"type":"ping","data":1}""")]
    [InlineData("""{"type":"ping","id":true}""")]
    public void Schema_refuses_what_the_server_refuses(string text) =>
        Assert.NotNull(MessageSchemas.Current.ProblemOfRequest(Parse(text)));

    [Theory]
    [InlineData("""{"type":"connect","data":{"api_key":"k","authorization_signature":"","token":"t"}}""")]
    [InlineData("""{"type":"subscribe","data":null,"id":""}""")]
    [InlineData("""{"type":"subscribe","data":{"order_id":"","after":null,"last":1,"epoch":null,"later":[1]}}""")]
    [InlineData("""{"type":"unsubscribe"}""")]
    [InlineData("""{"type":"ping","id":-7,"data":{}}""")]
    public void Schema_allows_what_the_server_allows(string text)
    {
        Assert.Null(MessageSchemas.Current.ProblemOfRequest(Parse(text)));
        ParsedMessage.Valid(text);
    }

    private static JsonElement SchemaOf(string name) =>
        Document.GetProperty("components").GetProperty("schemas").GetProperty(name);

    private static IEnumerable<string> ExamplesOf(params string[] messages) =>
        from name in messages
        from example in Document.GetProperty("components").GetProperty("messages").GetProperty(name)
            .GetProperty("examples").EnumerateArray()
        select example.GetProperty("payload").GetRawText();

    private static T[] StaticsOf<T>() =>
    [
        .. typeof(T).GetProperties(BindingFlags.Public | BindingFlags.Static)
            .Where(property => property.PropertyType == typeof(T)).Select(property => (T)property.GetValue(null)!),
    ];

    private static JsonElement Read() => Parse(Encoding.UTF8.GetString(ProtocolDescription.Read()));

    private static JsonElement Parse(string text)
    {
        using var json = JsonDocument.Parse(text);
        return json.RootElement.Clone();
    }
}
