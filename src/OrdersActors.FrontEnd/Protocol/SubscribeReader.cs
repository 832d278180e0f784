using System.Text.Json;

namespace OrdersActors.FrontEnd.Protocol;

/// <summary>
/// Reads the requested subscriptions of a <c>subscribe</c>: a single one, or one for each element of <c>orders</c>.
/// </summary>
/// <remarks>
/// An element of <c>orders</c> that is not valid is refused alone. Each element gets its own reply, so that the client
/// can match replies to elements. No element can mean the whole organization. An <c>orders</c> that is null or empty
/// does not mean it either and is refused.
/// </remarks>
internal static class SubscribeReader
{
    private static readonly string[] OfEntries = ["order_id", "after", "last", "epoch"];

    /// <param name="data">The fields of the message.</param>
    /// <param name="refused">An entry with a refusal if the message as a whole is not valid; else null.</param>
    public static IReadOnlyList<SubscribeEntry> Read(JsonElement data, out SubscribeEntry? refused)
    {
        refused = null;
        if (data.ValueKind == JsonValueKind.Object && data.TryGetProperty("orders", out var orders))
        {
            if (FindProblem(data, orders) is not { } problem)
            {
                return [.. orders.EnumerateArray().Select((order, i) => ReadElement(order, $"orders[{i}]"))];
            }

            refused = new SubscribeEntry(null, null, Invalid(problem));
            return [];
        }

        var entry = ReadEntry(data, "");
        refused = entry.Refusal is null ? null : entry;
        return [entry];
    }

    private static string? FindProblem(JsonElement data, JsonElement orders) =>
        Array.Find(OfEntries, name => data.TryGetProperty(name, out _)) is { } name
            ? $"{name} and orders exclude each other: expected {name} inside the elements of orders"
            : orders.ValueKind != JsonValueKind.Array
                ? $"orders must be an array, not {FieldReader.Describe(orders)}"
                : orders.GetArrayLength() == 0
                    ? "orders must have at least one element"
                    : null;

    private static SubscribeEntry ReadElement(JsonElement order, string path)
    {
        if (order.ValueKind != JsonValueKind.Object)
        {
            return new SubscribeEntry(
                null, null, Invalid($"{path} must be an object, not {FieldReader.Describe(order)}"));
        }

        if (MisplacedFields.FindIn(ClientMessageType.Subscribe, order, path) is { } misplaced)
        {
            return new SubscribeEntry(null, null, Invalid(misplaced));
        }

        var entry = ReadEntry(order, $"{path}.");
        return entry is { OrderId: null, Refusal: null }
            ? entry with { Refusal = Invalid($"{path}.order_id is missing, expected a string that is not empty") }
            : entry;
    }

    private static SubscribeEntry ReadEntry(JsonElement parent, string path)
    {
        var fields = new FieldReader(parent, path);
        var orderId = fields.ReadOrderId();
        var after = fields.ReadInteger("after", 0, long.MaxValue);
        var last = (int?)fields.ReadInteger("last", 0, ResumePoint.MaxLast);
        var epoch = fields.ReadString("epoch");
        var problem = fields.Problem;
        if (problem is null && after is not null && last is not null)
        {
            problem = $"{path}after and {path}last exclude each other";
        }

        if (problem is not null)
        {
            return new SubscribeEntry(orderId, null, Invalid(problem));
        }

        var isPlain = after is null && last is null && epoch is null;
        return new SubscribeEntry(orderId, isPlain ? null : new ResumePoint(after, last, epoch));
    }

    private static Refusal Invalid(string detail) => new(ProtocolError.InvalidMessage, detail);
}
