using System.Text.Json;
using OrdersActors.FrontEnd.Subscriptions;

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
            ClientMessageType.Subscribe => message with { OrderId = ReadOrderId(data), Resume = ReadResume(data) },
            ClientMessageType.Unsubscribe => message with { OrderId = ReadOrderId(data) },
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
            JsonValueKind.String => OrderEventRules.IsAtMost(id.GetString()!, MaxIdLength),
            JsonValueKind.Number => IsInteger(id) && id.TryGetInt64(out _),
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

    private static ResumePoint? ReadResume(JsonElement data)
    {
        var after = ReadInteger(data, "after", 0, long.MaxValue);
        var last = ReadInteger(data, "last", 1, ResumePoint.MaxLast);
        if (after is not null && last is not null)
        {
            throw Invalid("after and last exclude each other");
        }

        return after is null && last is null ? null : new ResumePoint(after, (int?)last);
    }

    private static long? ReadInteger(JsonElement parent, string name, long least, long most)
    {
        if (parent.ValueKind != JsonValueKind.Object
            || !parent.TryGetProperty(name, out var value)
            || value.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        // "12.0" and "1e2" are integers to some and not to others, so they are not taken.
        return IsInteger(value) && value.TryGetInt64(out var number) && number >= least && number <= most
            ? number
            : throw Invalid(most == long.MaxValue
                ? $"{name} must be an integer of at least {least}"
                : $"{name} must be an integer from {least} to {most}");
    }

    private static bool IsInteger(JsonElement value) =>
        value.ValueKind == JsonValueKind.Number && !value.GetRawText().AsSpan().ContainsAny('.', 'e', 'E');

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
