using System.Text;
using System.Text.Json;

namespace OrdersActors;

/// <summary>
/// What may be published, told once: the publisher checks before it sends, and the log checks again before it stores,
/// because not every publisher uses the library.
/// </summary>
public static class OrderEventRules
{
    /// <summary>Longest organization id, in characters.</summary>
    public const int MaxOrganizationIdLength = 64;

    /// <summary>Longest order id, in characters.</summary>
    public const int MaxOrderIdLength = 128;

    /// <summary>Longest event id, in characters.</summary>
    public const int MaxEventIdLength = 128;

    /// <summary>Longest status, in characters.</summary>
    public const int MaxStatusLength = 64;

    /// <summary>Most bytes of UTF-8 in details.</summary>
    public const int MaxDetailsBytes = 64 * 1024;

    /// <summary>Most events in one append. A larger batch is refused whole; the publishing library splits.</summary>
    public const int MaxBatch = 1000;

    /// <summary>How deep details may nest; the usual limit of JSON readers, so that every client can read it.</summary>
    private const int MaxDetailsDepth = 60;

    /// <summary>Checks an organization id and one event for it.</summary>
    /// <exception cref="InvalidOrderEventException">A field is not allowed; nothing was changed.</exception>
    public static void Check(string organizationId, OrderStatusEvent e)
    {
        CheckOrganizationId(organizationId);
        ArgumentNullException.ThrowIfNull(e);
        CheckText("order_id", e.OrderId, MaxOrderIdLength);
        CheckText("status", e.Status, MaxStatusLength);
        CheckText("id", e.Id, MaxEventIdLength);
        CheckOccurredAt(e.OccurredAt);
        CheckDetails(e.Details);
    }

    /// <summary>Checks an organization id and the events of one append for it.</summary>
    /// <exception cref="InvalidOrderEventException">
    /// A field is not allowed, or there are no events or more than <see cref="MaxBatch"/>; nothing was changed.
    /// </exception>
    public static void CheckBatch(string organizationId, IReadOnlyList<OrderStatusEvent> events)
    {
        ArgumentNullException.ThrowIfNull(events);
        if (events.Count is 0 or > MaxBatch)
        {
            throw new InvalidOrderEventException("events", $"must be 1 to {MaxBatch}, are {events.Count}");
        }

        for (var i = 0; i < events.Count; i++)
        {
            Check(organizationId, events[i]);
        }
    }

    /// <summary>Checks an organization id.</summary>
    /// <exception cref="InvalidOrderEventException">It is empty, too long, or not plain text.</exception>
    public static void CheckOrganizationId(string organizationId) =>
        CheckText("organization_id", organizationId, MaxOrganizationIdLength);

    /// <summary>Whether a client's order id could be one at all: 1 to 128 characters of plain text.</summary>
    public static bool IsOrderId(string? orderId) => Problem(orderId, MaxOrderIdLength) is null;

    private static void CheckText(string field, string? value, int maxLength)
    {
        if (Problem(value, maxLength) is { } problem)
        {
            throw new InvalidOrderEventException(field, problem);
        }
    }

    private static string? Problem(string? value, int maxLength)
    {
        if (string.IsNullOrEmpty(value))
        {
            return "must not be empty";
        }

        if (value.Length > maxLength)
        {
            return $"must have at most {maxLength} characters, has {value.Length}";
        }

        for (var i = 0; i < value.Length; i++)
        {
            if (char.IsControl(value[i]))
            {
                return "must not contain control characters";
            }

            if (char.IsSurrogate(value[i]))
            {
                if (i + 1 == value.Length || !char.IsSurrogatePair(value[i], value[i + 1]))
                {
                    return "must be valid Unicode";
                }

                i++;
            }
        }

        return null;
    }

    private static void CheckOccurredAt(DateTimeOffset occurredAt)
    {
        // RFC 3339 has four-digit years; the default value of the type is a forgotten field.
        if (occurredAt.UtcDateTime.Year < 1970)
        {
            throw new InvalidOrderEventException("occurred_at", "must be a time since 1970");
        }
    }

    private static void CheckDetails(string? details)
    {
        if (details is null)
        {
            return;
        }

        var bytes = Encoding.UTF8.GetByteCount(details);
        if (bytes > MaxDetailsBytes)
        {
            throw new InvalidOrderEventException(
                "details", $"must have at most {MaxDetailsBytes} bytes of UTF-8, has {bytes}");
        }

        try
        {
            using var json = JsonDocument.Parse(details, new JsonDocumentOptions { MaxDepth = MaxDetailsDepth });
            if (json.RootElement.ValueKind != JsonValueKind.Object)
            {
                throw new InvalidOrderEventException(
                    "details", $"must be a JSON object, is {Describe(json.RootElement.ValueKind)}");
            }
        }
        catch (JsonException)
        {
            // The parser's own message quotes the input, which does not belong in logs.
            throw new InvalidOrderEventException("details", "must be a JSON object, is not valid JSON");
        }
        catch (EncoderFallbackException)
        {
            throw new InvalidOrderEventException("details", "must be valid Unicode");
        }
    }

    private static string Describe(JsonValueKind kind) => kind switch
    {
        JsonValueKind.Array => "an array",
        JsonValueKind.String => "a string",
        JsonValueKind.Number => "a number",
        JsonValueKind.Null => "null",
        _ => "a boolean",
    };
}
