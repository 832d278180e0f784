using System.Text;
using System.Text.Json;
using OrdersActors.FrontEnd.Protocol;
using OrdersActors.FrontEnd.Transport;
using OrdersActors.TestServer.Contract;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.FrontEnd.Protocol.Vectors;

/// <summary>Proves <c>messages.json</c> against the code that encodes and parses messages.</summary>
public sealed class MessageVectorTests
{
    private static readonly JsonElement File = Support.Vectors.Read("messages.json");

    public static TheoryData<string> Server => Support.Vectors.Names(File, "server");

    public static TheoryData<string> LaterVersions => Support.Vectors.Names(File, "later_versions");

    public static TheoryData<string> Client => Support.Vectors.Names(File, "client");

    public static TheoryData<string> Refused => Support.Vectors.Names(File, "refused");

    [Theory]
    [MemberData(nameof(Server))]
    public void Message_of_the_server_is_encoded_like_this(string name)
    {
        var vector = Support.Vectors.Find(File, "server", name);
        var text = vector.Text("text")!;
        Assert.Equal(text, Encoding.UTF8.GetString(WebSocketFrame.PayloadOf(
            Encode(vector.GetProperty("meaning"), RawDetails(text)))));
        Assert.Null(MessageSchemas.Current.ProblemOfReply(Parse(text)));
    }

    [Theory]
    [MemberData(nameof(LaterVersions))]
    public void Message_of_a_later_version_is_not_described_yet(string name) =>
        Assert.NotNull(MessageSchemas.Current.ProblemOfReply(
            Parse(Support.Vectors.Find(File, "later_versions", name).Text("text")!)));

    [Theory]
    [MemberData(nameof(Client))]
    public void Request_is_parsed_like_this(string name)
    {
        var vector = Support.Vectors.Find(File, "client", name);
        var text = vector.Text("text")!;
        var message = ParsedMessage.Valid(text);
        Assert.Null(MessageSchemas.Current.ProblemOfRequest(Parse(text)));
        var request = vector.GetProperty("request");
        Assert.Equal(request.TryGetProperty("id", out var expectedId) ? expectedId.GetRawText() : null, message.Id);
        var (type, fields) = request.EnumerateObject().Where(field => field.Name != "id")
            .Select(field => (field.Name, field.Value)).Single();
        Assert.Equal(type, message.TypeText);
        Assert.Equal(fields.Text("api_key"), message.ApiKey);
        Assert.Equal(fields.Text("authorization_signature"), message.AuthorizationSignature);
        Assert.Equal(fields.Text("token"), message.Token);
        if (type == "subscribe")
        {
            var entries = fields.TryGetProperty("orders", out var orders) ? [.. orders.EnumerateArray()]
                : new[] { fields };
            Assert.Equal(entries.Select(EntryOf), message.Entries);
        }
        else
        {
            Assert.Equal(fields.Text("order_id"), message.OrderId);
        }
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public void Request_is_refused_with_its_code(string name)
    {
        var vector = Support.Vectors.Find(File, "refused", name);
        var text = vector.Text("text")!;
        if (vector.Text("code") == "unknown_type")
        {
            Assert.Equal(ClientMessageType.Unknown, ParsedMessage.Valid(text).Type);
            return;
        }

        var refusal = ParsedMessage.Refused(text);
        Assert.Equal(vector.Text("code"), refusal.Code.Code);
        Assert.Contains(vector.Text("message_contains")!, refusal.Message, StringComparison.Ordinal);
    }

    private static SubscribeEntry EntryOf(JsonElement fields)
    {
        var (after, last, epoch) = (fields.Number("after"), (int?)fields.Number("last"), fields.Text("epoch"));
        return new SubscribeEntry(
            fields.Text("order_id"),
            after is null && last is null && epoch is null ? null : new ResumePoint(after, last, epoch));
    }

    private static byte[] Encode(JsonElement meaning, string? details)
    {
        var id = meaning.TryGetProperty("id", out var value) ? value.GetRawText() : null;
        var order = meaning.Text("order_id");
        DateTimeOffset? expiresAt = meaning.Number("expires_at") is { } seconds
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : null;
        return meaning.Text("type") switch
        {
            "connected" => ServerFrames.Connected(id, expiresAt),
            "subscription" => ServerFrames.Subscription(
                id, order, meaning.Flag("subscribed")!.Value, ResumedOf(meaning)),
            "event" => EncodeEvent(meaning, details),
            "error" => ServerFrames.Error(
                id, ErrorOf(meaning.Text("code")!), meaning.Text("message")!, order,
                meaning.Number("retry_after_ms") is { } wait ? TimeSpan.FromMilliseconds(wait) : null),
            "expiring" => ServerFrames.Expiring(expiresAt!.Value),
            _ => ServerFrames.Pong(id),
        };
    }

    private static ResumedFrom? ResumedOf(JsonElement meaning) => meaning.Flag("resumed") is null ? null : new(
        0, meaning.Number("earliest"),
        new FeedBounds(1, meaning.Number("position")!.Value, meaning.Text("epoch")));

    private static byte[] EncodeEvent(JsonElement meaning, string? details)
    {
        var encoded = OrderEventJson.Encode(new OrderEvent
        {
            Id = meaning.Text("id")!,
            OrganizationId = meaning.Text("organization_id")!,
            OrderId = meaning.Text("order_id")!,
            Version = meaning.Number("version")!.Value,
            Sequence = meaning.Number("sequence") ?? 0,
            Status = meaning.Text("status")!,
            OccurredAt = meaning.GetProperty("occurred_at").GetDateTimeOffset(),
            Details = details,
        });
        return meaning.Number("sequence") is null
            ? ServerFrames.OrderEvent(encoded)
            : ServerFrames.OrganizationEvent(encoded);
    }

    private static string? RawDetails(string text) =>
        Parse(text) is var json && json.TryGetProperty("data", out var data)
        && data.TryGetProperty("details", out var details)
            ? details.GetRawText()
            : null;

    private static ProtocolError ErrorOf(string code) =>
        ProtocolDescriptionTests.Errors.Single(error => error.Code == code);

    private static JsonElement Parse(string text)
    {
        using var json = JsonDocument.Parse(text);
        return json.RootElement.Clone();
    }
}
