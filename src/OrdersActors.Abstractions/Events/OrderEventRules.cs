using System.Text;

namespace OrdersActors;

/// <summary>
/// The rules for published events, stated once. The publishing library checks an event before it sends it. The log
/// checks it again before it stores it, because not every publisher uses the library.
/// </summary>
/// <remarks>
/// A length is a number of Unicode scalar values, so an emoji outside the basic plane counts as one character. Client
/// languages that count code points, and both databases, count the same way.
/// </remarks>
public static class OrderEventRules
{
    /// <summary>Longest organization id, in Unicode scalar values.</summary>
    public const int MaxOrganizationIdLength = 64;

    /// <summary>Longest order id, in Unicode scalar values.</summary>
    public const int MaxOrderIdLength = 128;

    /// <summary>Longest event id, in Unicode scalar values.</summary>
    public const int MaxEventIdLength = 128;

    /// <summary>Longest status, in Unicode scalar values.</summary>
    public const int MaxStatusLength = 64;

    /// <summary>Most bytes of UTF-8 in details, in the form in which they are sent.</summary>
    public const int MaxDetailsBytes = 64 * 1024;

    /// <summary>
    /// Most levels of objects and arrays in details. The details object itself is the first level. A message nests
    /// details in two more objects, and most JSON readers stop at 64 levels.
    /// </summary>
    public const int MaxDetailsDepth = 60;

    /// <summary>
    /// Most events in one append. A larger batch is rejected as a whole; the publishing library splits it.
    /// </summary>
    public const int MaxBatch = 1000;

    /// <summary>Checks an organization id and one event for it.</summary>
    /// <exception cref="InvalidOrderEventException">A field is not allowed; nothing was changed.</exception>
    public static void Check(string organizationId, OrderStatusEvent e) => Normalize(organizationId, e);

    /// <summary>Checks an organization id and one event for it, and gives the event its normal form.</summary>
    /// <returns>
    /// The event without insignificant white space in its details, or the same object if it has none. For the log the
    /// normal form and the original are the same event.
    /// </returns>
    /// <exception cref="InvalidOrderEventException">A field is not allowed; nothing was changed.</exception>
    public static OrderStatusEvent Normalize(string organizationId, OrderStatusEvent e)
    {
        CheckOrganizationId(organizationId);
        ArgumentNullException.ThrowIfNull(e);
        return Problem(e, out var normal) is var (field, expected)
            ? throw new InvalidOrderEventException(field, expected)
            : normal;
    }

    /// <summary>
    /// Checks an organization id and the events of one append for it, and gives the events their normal form.
    /// </summary>
    /// <returns>
    /// The events in their normal form (see <see cref="Normalize"/>), or the same list if nothing changed.
    /// </returns>
    /// <exception cref="InvalidOrderEventException">
    /// A field is not allowed, or the number of events is 0 or greater than <see cref="MaxBatch"/>. Nothing was
    /// changed.
    /// </exception>
    public static IReadOnlyList<OrderStatusEvent> NormalizeBatch(
        string organizationId, IReadOnlyList<OrderStatusEvent> events)
    {
        ArgumentNullException.ThrowIfNull(events);
        return events.Count is 0 or > MaxBatch
            ? throw new InvalidOrderEventException("events", $"must be 1 to {MaxBatch}, are {events.Count}")
            : NormalizeAll(organizationId, events);
    }

    /// <summary>Like <see cref="NormalizeBatch"/>, for any number of events.</summary>
    /// <exception cref="InvalidOrderEventException">
    /// A field is not allowed. If the list has several events, the exception contains the index of the event.
    /// </exception>
    public static IReadOnlyList<OrderStatusEvent> NormalizeAll(
        string organizationId, IReadOnlyList<OrderStatusEvent> events)
    {
        ArgumentNullException.ThrowIfNull(events);
        CheckOrganizationId(organizationId);
        OrderStatusEvent[]? changed = null;
        for (var i = 0; i < events.Count; i++)
        {
            var e = events[i] ?? throw new ArgumentException($"event {i} is null", nameof(events));
            if (Problem(e, out var normal) is var (field, expected))
            {
                throw events.Count == 1
                    ? new InvalidOrderEventException(field, expected)
                    : new InvalidOrderEventException(field, expected, i);
            }

            if (!ReferenceEquals(normal, e))
            {
                (changed ??= [.. events])[i] = normal;
            }
        }

        return changed ?? events;
    }

    /// <summary>Checks an organization id.</summary>
    /// <exception cref="InvalidOrderEventException">
    /// It is empty or too long, or contains invalid Unicode or control characters.
    /// </exception>
    public static void CheckOrganizationId(string organizationId)
    {
        if (Problem(organizationId, MaxOrganizationIdLength) is { } problem)
        {
            throw new InvalidOrderEventException("organization_id", problem);
        }
    }

    /// <summary>
    /// Whether a client's order id is valid: 1 to 128 characters, valid Unicode, no control characters.
    /// </summary>
    public static bool IsOrderId(string? orderId) => Problem(orderId, MaxOrderIdLength) is null;

    /// <summary>Reads <c>occurred_at</c> from text. See <see cref="Rfc3339"/>.</summary>
    /// <exception cref="InvalidOrderEventException">It is not a time with an offset.</exception>
    public static DateTimeOffset ReadOccurredAt(string text) => Rfc3339.TryParse(text, out var time)
        ? time
        : throw new InvalidOrderEventException(
            "occurred_at", "must be an RFC 3339 time with an offset, such as 2026-01-02T03:04:05Z");

    /// <summary>Whether a text has at most <paramref name="length"/> Unicode scalar values.</summary>
    public static bool IsAtMost(string text, int length)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Length <= length || CountCharacters(text) <= length;
    }

    /// <summary>
    /// Whether the details of two events are equal. White space between the tokens is ignored, because events that
    /// previous versions stored may have it.
    /// </summary>
    public static bool IsSameDetails(string? one, string? other) =>
        one == other
        || (one is not null && other is not null && DetailsJson.Compact(one) == DetailsJson.Compact(other));

    private static (string Field, string Expected)? Problem(OrderStatusEvent e, out OrderStatusEvent normal)
    {
        normal = e;
        if (Problem(e.OrderId, MaxOrderIdLength) is { } orderId)
        {
            return ("order_id", orderId);
        }

        if (Problem(e.Status, MaxStatusLength) is { } status)
        {
            return ("status", status);
        }

        if (Problem(e.Id, MaxEventIdLength) is { } id)
        {
            return ("id", id);
        }

        // RFC 3339 has four-digit years. A time before 1970 is usually the type's default value: a field that was not
        // set.
        if (e.OccurredAt.UtcDateTime.Year < 1970)
        {
            return ("occurred_at", "must be a time since 1970");
        }

        if (e.Details is not { } details)
        {
            return null;
        }

        if (DetailsJson.Problem(details) is { } problem)
        {
            return ("details", problem);
        }

        var compact = DetailsJson.Compact(details);
        normal = ReferenceEquals(compact, details) ? e : e with { Details = compact };
        return null;
    }

    private static string? Problem(string? value, int maxLength)
    {
        if (string.IsNullOrEmpty(value))
        {
            return "must not be empty";
        }

        if (!IsAtMost(value, maxLength))
        {
            return $"must have at most {maxLength} characters, has {CountCharacters(value)}";
        }

        var rest = value.AsSpan();
        while (rest.Length > 0)
        {
            if (Rune.DecodeFromUtf16(rest, out var character, out var length) != System.Buffers.OperationStatus.Done)
            {
                return "must be valid Unicode";
            }

            if (Rune.IsControl(character))
            {
                return "must not contain control characters";
            }

            rest = rest[length..];
        }

        return null;
    }

    private static int CountCharacters(string text)
    {
        var count = 0;
        foreach (var _ in text.EnumerateRunes())
        {
            count++;
        }

        return count;
    }
}
