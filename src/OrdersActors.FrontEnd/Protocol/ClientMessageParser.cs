using System.Text.Json;

namespace OrdersActors.FrontEnd.Protocol;

/// <summary>
/// Reads client messages. Unknown fields are ignored, so that clients from the future keep working; a known field of the
/// wrong type is an error that names it.
/// </summary>
internal static class ClientMessageParser
{
    private const int MaxIdLength = 64;

    /// <summary>Parses one text message.</summary>
    /// <param name="utf8">The message.</param>
    /// <param name="id">The id to echo, also where the rest of the message is refused.</param>
    /// <exception cref="RequestException">The message is not sound.</exception>
    public static ClientMessage Parse(ReadOnlyMemory<byte> utf8, out string? id)
    {
        id = null;
        try
        {
            using var json = JsonDocument.Parse(utf8);
            var root = json.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
            {
                throw Invalid("expected a JSON object");
            }

            id = ReadId(root);
            return Read(root, id);
        }
        catch (JsonException)
        {
            throw Invalid("expected a JSON object, got something that is not JSON");
        }
        catch (InvalidOperationException)
        {
            // System.Text.Json's answer to an escaped lone surrogate in a string.
            throw Invalid("expected valid Unicode");
        }
    }

    private static ClientMessage Read(JsonElement root, string? id)
    {
        var type = ReadString(root, "type") ?? throw Invalid("type is missing, expected a string");
        if (!root.TryGetProperty("data", out var data) || data.ValueKind == JsonValueKind.Null)
        {
            data = default;
        }
        else if (data.ValueKind != JsonValueKind.Object)
        {
            throw Invalid("data must be an object");
        }

        var message = new ClientMessage { Type = TypeOf(type), TypeText = type, Id = id };
        return message.Type switch
        {
            ClientMessageType.Connect => message with
            {
                ApiKey = ReadString(data, "api_key"),
                AuthorizationSignature = ReadString(data, "authorization_signature"),
            },
            ClientMessageType.Subscribe or ClientMessageType.Unsubscribe => message with { OrderId = ReadOrderId(data) },
            _ => message,
        };
    }

    private static ClientMessageType TypeOf(string type) => type switch
    {
        "connect" => ClientMessageType.Connect,
        "subscribe" => ClientMessageType.Subscribe,
        "unsubscribe" => ClientMessageType.Unsubscribe,
        "ping" => ClientMessageType.Ping,
        _ => ClientMessageType.Unknown,
    };

    private static string? ReadId(JsonElement root)
    {
        if (!root.TryGetProperty("id", out var id))
        {
            return null;
        }

        var isSound = id.ValueKind switch
        {
            JsonValueKind.String => id.GetString()!.Length <= MaxIdLength,
            JsonValueKind.Number => id.TryGetInt64(out _) && !id.GetRawText().AsSpan().ContainsAny('.', 'e', 'E'),
            _ => false,
        };
        return isSound
            ? id.GetRawText()
            : throw Invalid($"id must be an integer or a string of at most {MaxIdLength} characters");
    }

    private static string? ReadOrderId(JsonElement data)
    {
        var orderId = ReadString(data, "order_id");
        if (string.IsNullOrEmpty(orderId))
        {
            return null;
        }

        return OrderEventRules.IsOrderId(orderId)
            ? orderId
            : throw Invalid($"order_id must have at most {OrderEventRules.MaxOrderIdLength} characters and no control characters");
    }

    private static string? ReadString(JsonElement parent, string name)
    {
        if (parent.ValueKind != JsonValueKind.Object
            || !parent.TryGetProperty(name, out var value)
            || value.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.String ? value.GetString() : throw Invalid($"{name} must be a string");
    }

    private static RequestException Invalid(string detail) => new(ProtocolError.InvalidMessage, detail);
}
