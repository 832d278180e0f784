using System.Text.Json;

namespace OrdersActors.Publishing.Http;

/// <summary>The members of a problem document that the publisher uses. All of them may be absent.</summary>
internal sealed record HttpProblem(
    string? Code, string? Detail, string? Field, int? Index, string? StoredOrderId, string? Differs)
{
    private static readonly HttpProblem None = new(null, null, null, null, null, null);

    /// <summary>Reads a problem. Anything else is a problem without members: a proxy may have written it.</summary>
    public static HttpProblem Read(byte[] body)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            var root = json.RootElement;
            return root.ValueKind == JsonValueKind.Object
                ? new HttpProblem(
                    Text(root, "code"), Text(root, "detail"), Text(root, "field"), Number(root, "index"),
                    Text(root, "stored_order_id"), Text(root, "differs"))
                : None;
        }
        catch (JsonException)
        {
            return None;
        }
    }

    /// <summary>The exception for an invalid field. The server may have stricter rules than this library.</summary>
    public InvalidOrderEventException ToInvalid(EventBatch batch)
    {
        var expected = Detail is null ? "is invalid"
            : Detail.StartsWith(Field + " ", StringComparison.Ordinal) ? Detail[(Field!.Length + 1)..] : Detail;
        return batch.IsAlone
            ? new InvalidOrderEventException(Field!, expected)
            : new InvalidOrderEventException(Field!, expected, batch.Start + IndexIn(batch));
    }

    /// <summary>The exception for an id that belongs to another event.</summary>
    public EventConflictException ToConflict(EventBatch batch)
    {
        var e = batch.Events[IndexIn(batch)];
        return new EventConflictException(
            e.Id, batch.Start + IndexIn(batch), e.OrderId, StoredOrderId ?? e.OrderId, Differs ?? "content");
    }

    private int IndexIn(EventBatch batch) => Math.Clamp(Index ?? 0, 0, batch.Events.Count - 1);

    private static string? Text(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static int? Number(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number
        && value.TryGetInt32(out var number) ? number : null;
}
