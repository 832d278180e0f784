using System.Text.Json;
using System.Text.Json.Serialization;

namespace OrdersActors.Examples.Worker;

/// <summary>One file of the outbox: what has happened to an order.</summary>
internal sealed record OutboxEntry(
    [property: JsonRequired] string Organization,
    [property: JsonRequired] string Order,
    [property: JsonRequired] string Status,
    JsonElement? Details)
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
    };

    /// <exception cref="JsonException">The text is not an entry.</exception>
    public static OutboxEntry Parse(string json) =>
        JsonSerializer.Deserialize<OutboxEntry>(json, Options) ?? throw new JsonException("the entry is null");
}
