using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using OrdersActors.TestServer;

namespace OrdersActors.EndToEndTests.Protocol;

/// <summary>
/// Plays the client's part of a recorded session against a real server, and compares what the server sends.
/// </summary>
/// <remarks>
/// The script has fixed names for what differs in each run: the key, the organization, tokens, signatures, the epoch
/// and the end of a token. They are replaced in what is sent, and the other way round in what is received. Replies come
/// in the script's order, and so do the events of each order; the server may mix them.
/// </remarks>
internal sealed class SessionReplay(Shop shop, JsonElement session) : IAsyncDisposable
{
    private const string Key = "oak_test";
    private const string Organization = "acme";

    private readonly Dictionary<string, int> _taken = [];
    private readonly Dictionary<string, string> _epochs = [];
    private SeedClient? _client;

    public async Task RunAsync()
    {
        foreach (var step in session.GetProperty("steps").EnumerateArray())
        {
            var field = step.EnumerateObject().Single();
            await RunAsync(field.Name, field.Value);
        }

        await ExpectNothingElseAsync();
    }

    public async ValueTask DisposeAsync() => await LeaveAsync();

    private Task RunAsync(string step, JsonElement value) => step switch
    {
        "publish" => PublishAsync(value),
        "open" => OpenAsync(),
        "send" => _client!.SendAsync(Outgoing(value)),
        "receive" => ReceiveAsync(value),
        "cut" => LeaveAsync(),
        _ => Task.CompletedTask, // The actions of a client by itself.
    };

    private Task PublishAsync(JsonElement e) => shop.Running.Service.Publisher.PublishAsync(
        shop.Organization,
        new OrderStatusEvent
        {
            Id = e.GetProperty("id").GetString()!,
            OrderId = e.GetProperty("order_id").GetString()!,
            Status = e.GetProperty("status").GetString()!,
            OccurredAt = e.GetProperty("occurred_at").GetDateTimeOffset(),
        });

    private async Task OpenAsync()
    {
        await LeaveAsync();
        _taken.Clear();
        _client = await SeedClient.OpenAsync(shop.Running.Address);
    }

    private async Task LeaveAsync()
    {
        if (_client is not null)
        {
            await _client.DisposeAsync();
            _client = null;
        }
    }

    private async Task ReceiveAsync(JsonElement expected)
    {
        var stream = StreamOf(expected);
        var index = _taken.GetValueOrDefault(stream);
        _taken[stream] = index + 1;
        await _client!.WaitForAsync(
            messages => messages.Where(message => StreamOf(message) == stream).Skip(index).Any(),
            $"{stream} number {index + 1}: {expected}");
        var received = _client.Received.Where(message => StreamOf(message) == stream).ElementAt(index);
        Assert.Equal(NodeOf(expected).ToJsonString(), Incoming(received, expected).ToJsonString());
    }

    private async Task ExpectNothingElseAsync()
    {
        // A pong, or an error if the connect was refused.
        await _client!.SendAsync("""{"type":"ping","id":"end"}""");
        await _client.WaitForAsync(messages => messages.Any(IsEnd), "the answer to the ping");
        Assert.Equal(_taken.Values.Sum(), _client.Received.TakeWhile(message => !IsEnd(message)).Count());
    }

    private static bool IsEnd(JsonElement message) =>
        message.TryGetProperty("id", out var id) && id.ValueEquals("end");

    /// <summary>The name of the messages whose order is certain.</summary>
    private static string StreamOf(JsonElement message) => message.GetProperty("type").GetString() switch
    {
        "event" => $"event of {message.GetProperty("data").GetProperty("order_id")}",
        "expiring" => "expiring",
        _ => "reply",
    };

    private string Outgoing(JsonElement message)
    {
        var node = NodeOf(message);
        if (node["data"] is not JsonObject data)
        {
            return node.ToJsonString();
        }

        Replace(data, "api_key", key => key == Key ? shop.Key : key);
        Replace(data, "token", TokenOf);
        Replace(data, "authorization_signature", _ => SeedClient.Sign(shop.Key, shop.Secret));
        Replace(data, "epoch", name => _epochs[name]);
        foreach (var order in data["orders"]?.AsArray() ?? [])
        {
            Replace(order!.AsObject(), "epoch", name => _epochs[name]);
        }

        return node.ToJsonString();
    }

    private string TokenOf(string name)
    {
        var token = session.GetProperty("client").GetProperty("tokens").EnumerateArray()
            .Single(token => token.GetProperty("token").ValueEquals(name));
        return TestToken.ForOrders(
            shop.Secret, [.. token.GetProperty("orders").EnumerateArray().Select(order => order.GetString()!)],
            DateTimeOffset.UtcNow.AddSeconds(token.GetProperty("lifetime_seconds").GetInt32()));
    }

    private JsonNode Incoming(JsonElement message, JsonElement expected)
    {
        var node = NodeOf(message);
        if (node["data"] is not JsonObject data)
        {
            return node;
        }

        var wanted = expected.GetProperty("data");
        Replace(data, "organization_id", organization => organization == shop.Organization
            ? Organization
            : organization);
        Replace(data, "epoch", epoch =>
        {
            var name = wanted.GetProperty("epoch").GetString()!;
            return _epochs.TryAdd(name, epoch) || _epochs[name] == epoch ? name : epoch;
        });
        Replace(data, "expires_at", time =>
            DateTimeOffset.Parse(time, CultureInfo.InvariantCulture) > DateTimeOffset.UnixEpoch
            && wanted.TryGetProperty("expires_at", out var name)
                ? name.GetString()!
                : time);
        return node;
    }

    private static void Replace(JsonObject data, string field, Func<string, string> replace)
    {
        if (data[field] is { } value)
        {
            data[field] = replace((string)value!);
        }
    }

    private static JsonNode NodeOf(JsonElement element) => JsonNode.Parse(element.GetRawText())!;
}
