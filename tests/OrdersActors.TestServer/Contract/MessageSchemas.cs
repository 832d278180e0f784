using System.Text.Json;
using System.Text.Json.Nodes;
using Json.Schema;

namespace OrdersActors.TestServer.Contract;

/// <summary>
/// The schemas of the messages of <c>/ws</c>, from the AsyncAPI document. They are compiled once per process.
/// </summary>
/// <remarks>
/// Clients must ignore unknown fields, so the document allows them. For messages of the server, these schemas forbid
/// them: a field that the document does not describe is a fault of the document or of the server.
/// </remarks>
public sealed class MessageSchemas
{
    private static readonly Lazy<MessageSchemas> Loaded = new(() => new MessageSchemas(ReadDocument()));
    private static readonly BuildOptions Build = new() { Dialect = Dialect.Draft07 };
    private static readonly EvaluationOptions Details = new() { OutputFormat = OutputFormat.List };

    private readonly Dictionary<string, JsonSchema> _requests;
    private readonly Dictionary<string, JsonSchema> _replies;

    private MessageSchemas(JsonObject document)
    {
        var requests = NamesOfRequests(document);
        var messages = document["components"]!["messages"]!.AsObject()
            .Select(pair => (Name: pair.Key, Schema: Inline(document, pair.Value!["payload"]!)))
            .ToArray();
        _requests = messages.Where(m => requests.Contains(m.Name)).ToDictionary(m => m.Name, m => Compile(m.Schema));
        _replies = messages.Where(m => !requests.Contains(m.Name))
            .ToDictionary(m => m.Name, m => Compile(Close(m.Schema)));
    }

    public static MessageSchemas Current => Loaded.Value;

    /// <summary>The AsyncAPI document.</summary>
    public static JsonObject ReadDocument()
    {
        using var stream = typeof(MessageSchemas).Assembly.GetManifestResourceStream("asyncapi.json")!;
        return JsonNode.Parse(stream)!.AsObject();
    }

    /// <summary>Validates a client's message. Returns what is wrong; null if it is valid.</summary>
    public string? ProblemOfRequest(JsonElement message) => Problem(_requests, message);

    /// <summary>Validates a server's message. Returns what is wrong; null if it is valid.</summary>
    public string? ProblemOfReply(JsonElement message) => Problem(_replies, message);

    private static string? Problem(Dictionary<string, JsonSchema> schemas, JsonElement message)
    {
        if (message.ValueKind != JsonValueKind.Object
            || !message.TryGetProperty("type", out var type) || type.ValueKind != JsonValueKind.String
            || !schemas.TryGetValue(type.GetString()!, out var schema))
        {
            return "its type is not in the document";
        }

        return schema.Evaluate(message).IsValid ? null : Describe(schema.Evaluate(message, Details));
    }

    private static string Describe(EvaluationResults results) => string.Join("; ",
        (results.Details ?? []).Where(detail => !detail.IsValid && detail.Errors is { Count: > 0 })
            .SelectMany(detail => detail.Errors!.Select(error => $"{detail.InstanceLocation}: {error.Value}"))
            .Distinct().Take(5));

    private static HashSet<string> NamesOfRequests(JsonObject document) =>
    [
        .. document["operations"]!.AsObject()
            .Where(pair => (string?)pair.Value!["action"] == "receive")
            .SelectMany(pair => pair.Value!["messages"]!.AsArray())
            .Select(reference => ((string)reference!["$ref"]!).Split('/')[^1]),
    ];

    private static JsonSchema Compile(JsonNode schema) => JsonSchema.FromText(schema.ToJsonString(), Build);

    /// <summary>A copy without references. No schema of the document contains itself.</summary>
    private static JsonNode Inline(JsonObject document, JsonNode node) => node switch
    {
        JsonObject found when found["$ref"] is { } reference => Inline(
            document, ((string)reference!).Split('/').Skip(1).Aggregate((JsonNode)document, (at, name) => at[name]!)),
        JsonObject found => new JsonObject(found.Select(pair =>
            KeyValuePair.Create(pair.Key, pair.Value is null ? null : (JsonNode?)Inline(document, pair.Value)))),
        JsonArray list => new JsonArray([.. list.Select(item => item is null ? null : Inline(document, item))]),
        _ => node.DeepClone(),
    };

    /// <summary>Forbids unknown fields in a schema and in the objects of its fields.</summary>
    private static JsonNode Close(JsonNode schema)
    {
        if (schema["properties"] is JsonObject properties)
        {
            schema["additionalProperties"] ??= false;
            foreach (var (_, property) in properties)
            {
                Close(property!);
            }
        }

        return schema;
    }
}
