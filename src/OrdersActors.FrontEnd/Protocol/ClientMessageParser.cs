using System.Text.Json;

namespace OrdersActors.FrontEnd.Protocol;

/// <summary>
/// Parses client messages. Unknown fields are ignored, so that newer clients keep working. An error names the field
/// that has the wrong type (<see cref="FieldReader"/>), resembles another field or is in the wrong place
/// (<see cref="MisplacedFields"/>), or is given twice (<see cref="DuplicateFields"/>).
/// </summary>
internal static class ClientMessageParser
{
    // In Unicode scalar values, like all lengths in the protocol.
    private const int MaxIdLength = 64;

    private static readonly JsonDocumentOptions Options = new() { AllowDuplicateProperties = false };

    /// <summary>Parses one text message.</summary>
    /// <param name="utf8">The message.</param>
    /// <param name="id">The id to echo. It is set even if the rest of the message is refused.</param>
    /// <exception cref="RequestException">The message is not valid.</exception>
    public static ClientMessage Parse(ReadOnlyMemory<byte> utf8, out string? id)
    {
        id = null;
        try
        {
            using var json = JsonDocument.Parse(utf8, Options);
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
            throw Invalid(DuplicateFields.Find(utf8) is { } name
                ? $"{name} is given twice in one object"
                : "expected a JSON object, but the text is not JSON");
        }
        catch (InvalidOperationException)
        {
            // System.Text.Json throws this for an escaped lone surrogate in a string.
            throw Invalid("expected valid Unicode");
        }
    }

    private static ClientMessage Read(JsonElement root, string? id)
    {
        var type = ReadType(root);
        var message = new ClientMessage { Type = TypeOf(type), TypeText = type, Id = id };
        if (!root.TryGetProperty("data", out var data) || data.ValueKind == JsonValueKind.Null)
        {
            data = default;
        }
        else if (data.ValueKind != JsonValueKind.Object)
        {
            throw Invalid($"data must be an object, not {FieldReader.Describe(data)}");
        }

        if (MisplacedFields.Find(message.Type, root, data) is { } misplaced)
        {
            throw Invalid(misplaced);
        }

        return message.Type switch
        {
            ClientMessageType.Connect => ReadConnect(message, data),
            ClientMessageType.Subscribe => message with { Entries = SubscribeReader.Read(data) },
            ClientMessageType.Unsubscribe => ReadUnsubscribe(message, data),
            _ => message,
        };
    }

    private static string ReadType(JsonElement root)
    {
        if (!root.TryGetProperty("type", out var type) || type.ValueKind == JsonValueKind.Null)
        {
            throw Invalid("type is missing, expected a string");
        }

        return type.ValueKind == JsonValueKind.String
            ? type.GetString()!
            : throw Invalid($"type must be a string, not {FieldReader.Describe(type)}");
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
        if (!root.TryGetProperty("id", out var id) || id.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        if (id.ValueKind == JsonValueKind.String)
        {
            var text = id.GetString()!;
            if (text.Length == 0)
            {
                return null;
            }

            if (OrderEventRules.IsAtMost(text, MaxIdLength))
            {
                return id.GetRawText();
            }
        }

        return FieldReader.TryReadInteger(id, out _)
            ? id.GetRawText()
            : throw Invalid($"id must be an integer or a string of at most {MaxIdLength} characters");
    }

    private static ClientMessage ReadConnect(ClientMessage message, JsonElement data)
    {
        var fields = new FieldReader(data);
        message = message with
        {
            ApiKey = fields.ReadString("api_key"),
            AuthorizationSignature = fields.ReadString("authorization_signature"),
            Token = fields.ReadString("token"),
        };
        if (fields.Problem is not null)
        {
            throw Invalid(fields.Problem);
        }

        return message.AuthorizationSignature is null || message.Token is null
            ? message
            : throw Invalid("authorization_signature and token exclude each other: a connect has at most one proof");
    }

    private static ClientMessage ReadUnsubscribe(ClientMessage message, JsonElement data)
    {
        if (data.ValueKind == JsonValueKind.Object && data.TryGetProperty("orders", out _))
        {
            throw Invalid("orders is for subscribe only: unsubscribe takes one order_id");
        }

        var fields = new FieldReader(data);
        var orderId = fields.ReadOrderId();
        return fields.Problem is null ? message with { OrderId = orderId } : throw Invalid(fields.Problem);
    }

    private static RequestException Invalid(string detail) => new(ProtocolError.InvalidMessage, detail);
}
