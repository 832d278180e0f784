using System.Globalization;
using System.Text.Json;

namespace OrdersActors.Server.Commands;

/// <summary>One line of a file to be published.</summary>
internal sealed record PublishedLine(string OrganizationId, OrderStatusEvent Event)
{
    private static readonly string[] Known = ["organization_id", "order_id", "status", "id", "occurred_at", "details"];

    /// <summary>Reads a line and checks it.</summary>
    /// <exception cref="InvalidOrderEventException">It is not what is expected; the field is named.</exception>
    public static PublishedLine Parse(string line)
    {
        try
        {
            using var json = JsonDocument.Parse(line);
            var root = json.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
            {
                throw new InvalidOrderEventException("line", "must be a JSON object");
            }

            // A misspelt name would otherwise be a field silently lost.
            if (root.EnumerateObject().FirstOrDefault(field => !Known.Contains(field.Name)) is { Value.ValueKind: not JsonValueKind.Undefined } unknown)
            {
                throw new InvalidOrderEventException(unknown.Name, $"is not known; expected {string.Join(", ", Known)}");
            }

            var organization = Text(root, "organization_id") ?? "";
            var e = new OrderStatusEvent
            {
                OrderId = Text(root, "order_id") ?? "",
                Status = Text(root, "status") ?? "",
                Id = Text(root, "id") ?? OrderStatusEvent.NewId(),
                OccurredAt = Time(root) ?? DateTimeOffset.UtcNow,
                Details = root.TryGetProperty("details", out var details) && details.ValueKind != JsonValueKind.Null
                    ? details.GetRawText()
                    : null,
            };
            OrderEventRules.Check(organization, e);
            return new PublishedLine(organization, e);
        }
        catch (JsonException)
        {
            throw new InvalidOrderEventException("line", "must be a JSON object, is not valid JSON");
        }
        catch (InvalidOperationException)
        {
            throw new InvalidOrderEventException("line", "must be valid Unicode");
        }
    }

    private static string? Text(JsonElement root, string field)
    {
        if (!root.TryGetProperty(field, out var value) || value.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : throw new InvalidOrderEventException(field, "must be a string");
    }

    private static DateTimeOffset? Time(JsonElement root) => Text(root, "occurred_at") switch
    {
        null => null,
        { } text when DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) => time,
        { } text => throw new InvalidOrderEventException("occurred_at", $"must be an RFC 3339 time, is '{text}'"),
    };
}
