using System.Text.Json;

namespace OrdersActors.FrontEnd.Protocol;

/// <summary>
/// Reads the optional fields of one JSON object. A field that is absent, null or an empty string is not given: this
/// rule holds for all fields. A field of another type is a problem, and the problem names the field. A number in quotes
/// is a string.
/// </summary>
/// <param name="parent">The object. Any other value has no fields.</param>
/// <param name="path">The prefix of its field names in messages, for example <c>orders[3].</c></param>
internal ref struct FieldReader(JsonElement parent, string path = "")
{
    /// <summary>
    /// The first problem that was found. It names the field and what was expected. Null before a problem is found.
    /// </summary>
    public string? Problem { get; private set; }

    /// <summary>Reads a string; null if it is not given or not valid.</summary>
    public string? ReadString(string name)
    {
        if (!TryGet(name, out var value))
        {
            return null;
        }

        if (value.ValueKind != JsonValueKind.String)
        {
            return Fail<string>($"{path}{name} must be a string, not {Describe(value)}");
        }

        return value.GetString() is { Length: > 0 } text ? text : null;
    }

    /// <summary>Reads the id of an order; null if it is not given or not valid.</summary>
    public string? ReadOrderId()
    {
        var orderId = ReadString("order_id");
        return orderId is null || OrderEventRules.IsOrderId(orderId)
            ? orderId
            : Fail<string>(
                $"{path}order_id must have at most {OrderEventRules.MaxOrderIdLength} characters "
                + "and no control characters");
    }

    /// <summary>Reads an integer within bounds; null if it is not given or not valid.</summary>
    public long? ReadInteger(string name, long least, long most)
    {
        if (!TryGet(name, out var value))
        {
            return null;
        }

        if (value.ValueKind != JsonValueKind.Number)
        {
            Fail<string>($"{path}{name} must be an integer, not {Describe(value)}");
            return null;
        }

        if (TryReadInteger(value, out var number) && number >= least && number <= most)
        {
            return number;
        }

        Fail<string>(most == long.MaxValue
            ? $"{path}{name} must be an integer of at least {least}"
            : $"{path}{name} must be an integer from {least} to {most}");
        return null;
    }

    /// <summary>
    /// Reads a number that is written as an integer. "12.0" and "1e2" are not, because some JSON parsers read them as
    /// integers and others do not.
    /// </summary>
    public static bool TryReadInteger(JsonElement value, out long number)
    {
        number = 0;
        return value.ValueKind == JsonValueKind.Number
            && !value.GetRawText().AsSpan().ContainsAny('.', 'e', 'E')
            && value.TryGetInt64(out number);
    }

    /// <summary>The type of a value in words.</summary>
    public static string Describe(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.String => "a string",
        JsonValueKind.Number => "a number",
        JsonValueKind.Null => "null",
        _ => "a boolean",
    };

    private readonly bool TryGet(string name, out JsonElement value)
    {
        value = default;
        return parent.ValueKind == JsonValueKind.Object
            && parent.TryGetProperty(name, out value)
            && value.ValueKind != JsonValueKind.Null;
    }

    private T? Fail<T>(string problem)
        where T : class
    {
        Problem ??= problem;
        return null;
    }
}
