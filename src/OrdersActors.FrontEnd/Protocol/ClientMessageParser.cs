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

    /// <summary>
    /// Parses one text message. A message that is not valid has a refusal, and the id to echo if that is valid. No
    /// exception is thrown, because a client may send thousands of such messages.
    /// </summary>
    public static ClientMessage Parse(ReadOnlyMemory<byte> utf8)
    {
        string? id = null;
        try
        {
            using var json = JsonDocument.Parse(utf8, Options);
            var root = json.RootElement;
            return root.ValueKind != JsonValueKind.Object ? Refused(id, "expected a JSON object")
                : TryReadId(root, out id) ? Read(root, id)
                : Refused(id, $"id must be an integer or a string of at most {MaxIdLength} characters");
        }
        catch (JsonException)
        {
            return Refused(id, DuplicateFields.Find(utf8) is { } name
                ? $"{name} is given twice in one object"
                : "expected a JSON object, but the text is not JSON");
        }
        catch (InvalidOperationException)
        {
            // System.Text.Json throws this for an escaped lone surrogate in a string.
            return Refused(id, "expected valid Unicode");
        }
    }

    private static ClientMessage Read(JsonElement root, string? id)
    {
        if (ReadType(root, out var problem) is not { } type)
        {
            return Refused(id, problem);
        }

        var message = new ClientMessage { Type = TypeOf(type), TypeText = type, Id = id };
        if (!root.TryGetProperty("data", out var data) || data.ValueKind == JsonValueKind.Null)
        {
            data = default;
        }
        else if (data.ValueKind != JsonValueKind.Object)
        {
            return Refused(id, $"data must be an object, not {FieldReader.Describe(data)}");
        }

        if (MisplacedFields.Find(message.Type, root, data) is { } misplaced)
        {
            return Refused(id, misplaced);
        }

        return message.Type switch
        {
            ClientMessageType.Connect => ReadConnect(message, data),
            ClientMessageType.Subscribe => ReadSubscribe(message, data),
            ClientMessageType.Unsubscribe => ReadUnsubscribe(message, data),
            _ => message,
        };
    }

    /// <summary>Returns null and the problem if the type is missing or not valid.</summary>
    private static string? ReadType(JsonElement root, out string problem)
    {
        problem = "";
        if (!root.TryGetProperty("type", out var type) || type.ValueKind == JsonValueKind.Null)
        {
            problem = "type is missing, expected a string";
            return null;
        }

        if (type.ValueKind != JsonValueKind.String)
        {
            problem = $"type must be a string, not {FieldReader.Describe(type)}";
            return null;
        }

        return type.GetString();
    }

    private static ClientMessageType TypeOf(string type) => type switch
    {
        "connect" => ClientMessageType.Connect,
        "subscribe" => ClientMessageType.Subscribe,
        "unsubscribe" => ClientMessageType.Unsubscribe,
        "ping" => ClientMessageType.Ping,
        _ => ClientMessageType.Unknown,
    };

    /// <summary>Reads the id as raw JSON; null if it is not given. Returns false if it is not valid.</summary>
    private static bool TryReadId(JsonElement root, out string? raw)
    {
        raw = null;
        if (!root.TryGetProperty("id", out var id) || id.ValueKind == JsonValueKind.Null)
        {
            return true;
        }

        if (id.ValueKind == JsonValueKind.String)
        {
            var text = id.GetString()!;
            if (text.Length == 0)
            {
                return true;
            }

            if (!OrderEventRules.IsAtMost(text, MaxIdLength))
            {
                return false;
            }
        }
        else if (!FieldReader.TryReadInteger(id, out _))
        {
            return false;
        }

        raw = id.GetRawText();
        return true;
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
        return fields.Problem is not null ? Refused(message.Id, fields.Problem)
            : message.AuthorizationSignature is null || message.Token is null ? message
            : Refused(
                message.Id,
                "authorization_signature and token exclude each other: a connect has at most one proof");
    }

    private static ClientMessage ReadSubscribe(ClientMessage message, JsonElement data)
    {
        var entries = SubscribeReader.Read(data, out var refused);
        return refused is null
            ? message with { Entries = entries }
            : Refused(message.Id, refused.Refusal!, refused.OrderId);
    }

    private static ClientMessage ReadUnsubscribe(ClientMessage message, JsonElement data)
    {
        if (data.ValueKind == JsonValueKind.Object && data.TryGetProperty("orders", out _))
        {
            return Refused(message.Id, "orders is for subscribe only: unsubscribe takes one order_id");
        }

        var fields = new FieldReader(data);
        var orderId = fields.ReadOrderId();
        return fields.Problem is null ? message with { OrderId = orderId } : Refused(message.Id, fields.Problem);
    }

    private static ClientMessage Refused(string? id, string detail) =>
        Refused(id, new Refusal(ProtocolError.InvalidMessage, detail), orderId: null);

    private static ClientMessage Refused(string? id, Refusal refusal, string? orderId) => new()
    {
        Type = ClientMessageType.Unknown,
        TypeText = "",
        Id = id,
        OrderId = orderId,
        Refusal = refusal,
    };
}
