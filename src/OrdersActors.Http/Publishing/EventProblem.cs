using OrdersActors.Http.Problems;
using OrdersActors.Publishing;

namespace OrdersActors.Http.Publishing;

/// <summary>The answers to events that are not stored.</summary>
internal static class EventProblem
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(2);

    /// <summary>Whether the exception has an answer here.</summary>
    public static bool Is(Exception e) => e is InvalidOrderEventException or EventJsonException
        or EventConflictException or PublishFailedException;

    /// <param name="e">An exception of a reader or of the publisher.</param>
    /// <param name="fields">The names of the fields in the request.</param>
    /// <param name="index">The 0-based index of the event; null if there is only one.</param>
    /// <param name="line">The 1-based line of the event; null if the body does not consist of lines.</param>
    public static ProblemException Of(Exception e, EventFields fields, long? index = null, long? line = null) =>
        e switch
        {
            InvalidOrderEventException invalid => new(400, ProblemCode.InvalidEvent, Describe(invalid, fields))
            {
                Field = fields.NameOf(invalid.Field),
                Index = index,
                Line = line,
            },
            EventConflictException conflict => new(409, ProblemCode.Conflict, EventRefusal.WithoutIndex(e))
            {
                Field = fields.Id,
                Index = index,
                Line = line,
                Members = new Dictionary<string, object?>
                {
                    ["stored_order_id"] = conflict.StoredOrderId,
                    ["differs"] = conflict.Field,
                },
            },
            PublishFailedException => Unavailable(),
            _ => new(400, ProblemCode.InvalidEvent, e.Message) { Index = index, Line = line },
        };

    public static ProblemException Unavailable(IReadOnlyDictionary<string, object?>? members = null) => new(
        503, ProblemCode.Unavailable,
        "the events could not be stored in time and may or may not be stored; repeat the request: an event with the "
        + "same id is stored once")
    {
        RetryAfter = RetryAfter,
        Members = members ?? new Dictionary<string, object?>(),
    };

    private static string Describe(InvalidOrderEventException e, EventFields fields)
    {
        var text = EventRefusal.WithoutIndex(e);
        return text.StartsWith(e.Field + " ", StringComparison.Ordinal)
            ? fields.NameOf(e.Field) + text[e.Field.Length..]
            : text;
    }
}
