using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using OrdersActors.Client.Protocol;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Client.Protocol;

public class ClientJsonTests
{
    private static readonly JsonElement File = Vectors.Read("messages.json");

    public static TheoryData<string> Server => Vectors.Names(File, "server");

    public static TheoryData<string> LaterVersions => Vectors.Names(File, "later_versions");

    public static TheoryData<string> Client => Vectors.Names(File, "client");

    [Theory]
    [MemberData(nameof(Server))]
    public void Message_of_the_server_is_understood(string name) =>
        AssertMeaning(Vectors.Find(File, "server", name));

    [Theory]
    [MemberData(nameof(LaterVersions))]
    public void Message_of_a_later_server_is_understood_or_ignored(string name) =>
        AssertMeaning(Vectors.Find(File, "later_versions", name));

    [Theory]
    [MemberData(nameof(Client))]
    public void Request_is_written_as_in_the_vector(string name)
    {
        var vector = Vectors.Find(File, "client", name);
        var request = vector.GetProperty("request");
        var field = request.EnumerateObject().Single(field => field.Name != "id");
        var data = field.Name == "ping" ? null : Data(field.Value);
        var expected = JsonNode.Parse(vector.Text("text")!)!.AsObject();
        // This client's ids are numbers.
        var hasId = expected.Remove("id");
        var written = JsonNode.Parse(
            ClientJson.Write(new ClientMessage(field.Name, data, hasId ? 7 : null)))!.AsObject();
        Assert.Equal(hasId, written.Remove("id"));
        Assert.True(JsonNode.DeepEquals(expected, written), $"expected {expected}, wrote {written}");
    }

    [Fact]
    public void Text_outside_of_ASCII_is_not_escaped() => Assert.Contains(
        "ü", Encoding.UTF8.GetString(ClientJson.Write(
            new ClientMessage("subscribe", new RequestData { OrderId = "ü" }))), StringComparison.Ordinal);

    [Theory]
    [InlineData("no JSON")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("""{"type":"event","data":{"version":"1"}}""")]
    public void Message_of_another_protocol_is_an_error(string text) =>
        Assert.ThrowsAny<JsonException>(() => ClientJson.Read(Encoding.UTF8.GetBytes(text)));

    private static RequestData Data(JsonElement data) => new()
    {
        ApiKey = data.Text("api_key"),
        AuthorizationSignature = data.Text("authorization_signature"),
        Token = data.Text("token"),
        OrderId = data.Text("order_id"),
        After = data.Number("after"),
        Last = (int?)data.Number("last"),
        Epoch = data.Text("epoch"),
        Orders = data.TryGetProperty("orders", out var orders) ? [.. orders.EnumerateArray().Select(Data)] : null,
    };

    private static void AssertMeaning(JsonElement vector)
    {
        var meaning = vector.GetProperty("meaning");
        var (type, id, data) = ClientJson.Read(Encoding.UTF8.GetBytes(vector.Text("text")!));
        if (meaning.Text("type") == "ignored")
        {
            Assert.Equal((ServerData.None, null), (data, id));
            return;
        }

        Assert.Equal(meaning.Text("type"), type);
        foreach (var field in meaning.EnumerateObject().Where(field => field.Name is not ("type" or "id")))
        {
            Assert.Equal(Canonical(field.Value), Canonical(Value(data, field.Name)));
        }

        if (meaning.TryGetProperty("id", out var expected) && type is not "event")
        {
            Assert.Equal(expected.ValueKind == JsonValueKind.Number ? expected.GetInt64() : null, id);
        }

        Assert.Equal(type == "event", data.ToUpdate() is not null);
    }

    private static JsonElement Value(ServerData data, string name) =>
        JsonSerializer.SerializeToElement(FieldOf(data, name));

    private static object? FieldOf(ServerData data, string field) => field switch
    {
        "id" => data.Id,
        "organization_id" => data.OrganizationId,
        "order_id" => data.OrderId,
        "version" => data.Version,
        "sequence" => data.Sequence,
        "status" => data.Status,
        "occurred_at" => data.OccurredAt?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'"),
        "details" => data.Details,
        "subscribed" => data.Status == "subscribed",
        "resumed" => data.Resumed,
        "earliest" => data.Earliest,
        "epoch" => data.Epoch,
        "position" => data.Position,
        "expires_at" => data.ExpiresAt?.ToUnixTimeSeconds(),
        "code" => data.Code,
        "message" => data.Message,
        "retry_after_ms" => data.RetryAfterMs,
        _ => throw new ArgumentException($"The field {field} is not known."),
    };

    // Numbers are compared by value: 1.10 is 1.1.
    private static string Canonical(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "{" + string.Join(",", value.EnumerateObject()
            .Select(field => $"{field.Name}:{Canonical(field.Value)}").Order(StringComparer.Ordinal)) + "}",
        JsonValueKind.Array => "[" + string.Join(",", value.EnumerateArray().Select(Canonical)) + "]",
        JsonValueKind.Number => value.GetDecimal().ToString("G29"),
        JsonValueKind.String => value.GetString()!,
        _ => value.GetRawText(),
    };
}
