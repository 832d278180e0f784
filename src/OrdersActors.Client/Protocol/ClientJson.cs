using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace OrdersActors.Client.Protocol;

/// <summary>Reads and writes messages without reflection.</summary>
[JsonSerializable(typeof(ClientMessage))]
[JsonSerializable(typeof(ServerEnvelope))]
[JsonSerializable(typeof(ServerData), TypeInfoPropertyName = "Data")]
internal sealed partial class ClientJson : JsonSerializerContext
{
    // Unescaped text is shorter: more orders fit into a message. It goes into JSON only, never into markup.
    private static readonly ClientJson Context = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    /// <summary>Writes a message to the server.</summary>
    public static byte[] Write(ClientMessage message) =>
        JsonSerializer.SerializeToUtf8Bytes(message, Context.ClientMessage);

    /// <summary>The bytes of one element of <c>orders</c>.</summary>
    public static int Measure(RequestData entry) =>
        JsonSerializer.SerializeToUtf8Bytes(entry, Context.RequestData).Length;

    /// <summary>Reads a message of the server.</summary>
    /// <exception cref="JsonException">It is not a message of this protocol.</exception>
    public static ServerMessage Read(ReadOnlySpan<byte> text)
    {
        var envelope = JsonSerializer.Deserialize(text, Context.ServerEnvelope);
        var type = envelope?.Type ?? throw new JsonException("The message has no type.");
        long? id = envelope.Id.ValueKind == JsonValueKind.Number && envelope.Id.TryGetInt64(out var number)
            ? number : null;
        // Unknown types come from later servers, and their data may have any form.
        var isKnown = type is "connected" or "subscription" or "event" or "error" or "expiring";
        return new ServerMessage(
            type, id,
            isKnown && envelope.Data.ValueKind == JsonValueKind.Object
                ? envelope.Data.Deserialize(Context.Data) ?? ServerData.None
                : ServerData.None);
    }
}
