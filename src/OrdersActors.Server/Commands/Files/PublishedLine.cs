using System.Text.Json;

namespace OrdersActors.Server.Commands.Files;

/// <summary>One event of a file.</summary>
/// <param name="Number">The 1-based number of its line.</param>
/// <param name="Length">The length of the line in bytes.</param>
/// <param name="OrganizationId">The organization that the event belongs to.</param>
/// <param name="Event">The event, in its normal form.</param>
/// <param name="HasId">
/// Whether the line has an id. If false, the id was generated for this call, so a repeated call stores the event twice.
/// </param>
internal sealed record PublishedLine(long Number, int Length, string OrganizationId, OrderStatusEvent Event, bool HasId)
{
    private static readonly string[] Known = ["organization_id", "order_id", "status", "id", "occurred_at", "details"];

    // The rules limit the nesting of details with a message of their own, so the parser must not fail earlier.
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = LineReader.MaxLength };

    /// <summary>Parses and validates a line.</summary>
    /// <exception cref="BadLineException">The line breaks a rule. The message names the line and the field.</exception>
    public static PublishedLine Parse(long number, ReadOnlyMemory<byte> line)
    {
        try
        {
            using var json = JsonDocument.Parse(line, Options);
            return Read(number, line.Length, json.RootElement);
        }
        catch (InvalidOrderEventException e)
        {
            throw new BadLineException(number, e.Message);
        }
        catch (JsonException)
        {
            throw new BadLineException(number, line.Span.Contains((byte)0)
                ? "must be a JSON object in UTF-8, has NUL bytes as UTF-16 has"
                : "must be a JSON object, is not valid JSON");
        }
        catch (InvalidOperationException)
        {
            // System.Text.Json throws this for an escaped lone surrogate.
            throw new BadLineException(number, "must be valid Unicode, has half of a surrogate pair");
        }
    }

    private static PublishedLine Read(long number, int length, JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object)
        {
            throw new BadLineException(number, "must be a JSON object");
        }

        CheckNames(number, root);
        var organization = Text(root, "organization_id") ?? "";
        var id = Text(root, "id");
        var e = new OrderStatusEvent
        {
            OrderId = Text(root, "order_id") ?? "",
            Status = Text(root, "status") ?? "",
            Id = id ?? OrderStatusEvent.NewId(),
            OccurredAt = Text(root, "occurred_at") is { } time
                ? OrderEventRules.ReadOccurredAt(time)
                : DateTimeOffset.UtcNow,
            Details = root.TryGetProperty("details", out var details) && details.ValueKind != JsonValueKind.Null
                ? details.GetRawText()
                : null,
        };
        return new PublishedLine(
            number, length, organization, OrderEventRules.Normalize(organization, e), id is not null);
    }

    /// <summary>
    /// Refuses unknown and repeated names. Otherwise the value of a misspelt field would be lost silently.
    /// </summary>
    private static void CheckNames(long number, JsonElement root)
    {
        Span<bool> seen = stackalloc bool[Known.Length];
        foreach (var field in root.EnumerateObject())
        {
            var index = Array.IndexOf(Known, field.Name);
            if (index < 0)
            {
                // The name is cut and its control characters are escaped, so that the error fits on one line.
                var name = field.Name.Length <= 64 ? field.Name : field.Name[..64] + "…";
                throw new BadLineException(
                    number, $"{JsonEncodedText.Encode(name)} is unknown; expected {string.Join(", ", Known)}");
            }

            if (seen[index])
            {
                throw new BadLineException(number, $"{field.Name} must not be repeated");
            }

            seen[index] = true;
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
}
