using System.Text;
using System.Text.Json;

namespace OrdersActors;

/// <summary>
/// Reads one event from JSON: the form of <c>publish --file</c> and of the HTTP API. Names that are unknown or repeated
/// are refused. Otherwise the value of a misspelt field would be lost silently.
/// </summary>
/// <remarks>
/// The text must be valid UTF-8; the callers check that. The rules of <see cref="OrderEventRules"/> are not applied
/// here.
/// </remarks>
internal static class OrderStatusEventJson
{
    /// <summary>
    /// The options of the readers. The rules limit the nesting of details with a message of their own, so the reader
    /// must not fail earlier. The text of each level takes a byte at least, so the memory is bounded by the text.
    /// </summary>
    public static readonly JsonReaderOptions ReaderOptions = new() { MaxDepth = int.MaxValue };

    private static readonly string[] Known = ["organization_id", "order_id", "status", "id", "occurred_at", "details"];

    /// <summary>Reads a text that is one event.</summary>
    /// <exception cref="EventJsonException">The text is not one JSON object.</exception>
    /// <exception cref="InvalidOrderEventException">A field is unknown, repeated or has a wrong type.</exception>
    public static EventInput Parse(ReadOnlySpan<byte> json)
    {
        try
        {
            var reader = new Utf8JsonReader(json, ReaderOptions);
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                // Invalid JSON is reported as invalid even if it begins with a value.
                reader.Skip();
                reader.Read();
                throw new EventJsonException("must be a JSON object");
            }

            var input = Read(ref reader, json);
            reader.Read(); // Fails if more follows.
            return input;
        }
        catch (Exception e) when (Problem(e, json) is { } problem)
        {
            throw new EventJsonException(problem);
        }
    }

    /// <summary>Describes why System.Text.Json refused a text, or returns null for any other exception.</summary>
    public static string? Problem(Exception e, ReadOnlySpan<byte> json) => e switch
    {
        JsonException when json.Contains((byte)0) => "must be a JSON object in UTF-8, has NUL bytes as UTF-16 has",
        // The reader's own message quotes the input, which must not appear in logs.
        JsonException => "must be a JSON object, is not valid JSON",
        // System.Text.Json throws this for an escaped lone surrogate.
        InvalidOperationException => "must be valid Unicode, has half of a surrogate pair",
        _ => null,
    };

    /// <summary>Reads the object at whose start the reader is, to its end.</summary>
    /// <param name="reader">A reader with <see cref="ReaderOptions"/>.</param>
    /// <param name="json">The whole text of the reader.</param>
    /// <exception cref="InvalidOrderEventException">A field is unknown, repeated or has a wrong type.</exception>
    /// <exception cref="JsonException">
    /// The JSON is invalid. So is an <see cref="InvalidOperationException"/>.
    /// </exception>
    public static EventInput Read(ref Utf8JsonReader reader, ReadOnlySpan<byte> json)
    {
        string? organization = null, order = null, status = null, id = null, time = null, details = null;
        var seen = 0;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = FindName(ref reader, Known, ref seen) ?? throw Unknown(ref reader);
            reader.Read();
            switch (name)
            {
                case "organization_id":
                    organization = Text(ref reader, name);
                    break;
                case "order_id":
                    order = Text(ref reader, name);
                    break;
                case "status":
                    status = Text(ref reader, name);
                    break;
                case "id":
                    id = Text(ref reader, name);
                    break;
                case "occurred_at":
                    time = Text(ref reader, name);
                    break;
                default:
                    details = RawText(ref reader, json);
                    break;
            }
        }

        return new EventInput(
            organization,
            new OrderStatusEvent
            {
                OrderId = order ?? "",
                Status = status ?? "",
                Id = id ?? OrderStatusEvent.NewId(),
                OccurredAt = time is null ? DateTimeOffset.UtcNow : OrderEventRules.ReadOccurredAt(time),
                Details = details,
            },
            HasId: id is not null);
    }

    /// <summary>Reads a value that must be a string or null.</summary>
    /// <exception cref="InvalidOrderEventException">It has another type.</exception>
    public static string? Text(ref Utf8JsonReader reader, string field) => reader.TokenType switch
    {
        JsonTokenType.String => reader.GetString(),
        JsonTokenType.Null => null,
        _ => throw new InvalidOrderEventException(field, "must be a string"),
    };

    /// <summary>Finds the name at which the reader is; null if it is not among the known ones.</summary>
    /// <param name="reader">The reader.</param>
    /// <param name="known">The known names, at most 32.</param>
    /// <param name="seen">The names that the object has had so far, one bit each.</param>
    /// <exception cref="InvalidOrderEventException">The object has the name twice.</exception>
    public static string? FindName(ref Utf8JsonReader reader, string[] known, ref int seen)
    {
        for (var i = 0; i < known.Length; i++)
        {
            if (!reader.ValueTextEquals(known[i]))
            {
                continue;
            }

            if ((seen & (1 << i)) != 0)
            {
                throw new InvalidOrderEventException(known[i], "must not be repeated");
            }

            seen |= 1 << i;
            return known[i];
        }

        return null;
    }

    /// <summary>
    /// A name for an error message: cut, and with its control characters escaped, so that it fits a line.
    /// </summary>
    public static string Printable(string name) =>
        JsonEncodedText.Encode(name.Length <= 64 ? name : name[..64] + "…").ToString();

    private static string? RawText(ref Utf8JsonReader reader, ReadOnlySpan<byte> json)
    {
        if (reader.TokenType == JsonTokenType.Null)
        {
            return null;
        }

        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        return Encoding.UTF8.GetString(json[start..(int)reader.BytesConsumed]);
    }

    private static InvalidOrderEventException Unknown(ref Utf8JsonReader reader) => new(
        Printable(reader.GetString()!), $"is unknown; expected {string.Join(", ", Known)}");
}
