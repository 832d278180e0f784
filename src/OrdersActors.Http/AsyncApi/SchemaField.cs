using System.Globalization;
using System.Text.Json;

namespace OrdersActors.Http.AsyncApi;

/// <summary>One field of a message, in words.</summary>
/// <param name="Path">The path from the message, such as <c>data.orders[].after</c>.</param>
/// <param name="IsRequired">Whether every object that may have the field has it.</param>
/// <param name="Type">The type and its limits.</param>
/// <param name="Meaning">The description.</param>
internal sealed record SchemaField(string Path, bool IsRequired, string Type, string Meaning)
{
    /// <summary>Lists the fields of a schema, and those of objects and arrays in it.</summary>
    /// <param name="document">The document, in which references are resolved.</param>
    /// <param name="schema">The schema of an object.</param>
    /// <param name="prefix">The path of the object, with a dot at its end.</param>
    public static IEnumerable<SchemaField> Of(JsonElement document, JsonElement schema, string prefix = "")
    {
        schema = Resolve(document, schema);
        if (!schema.TryGetProperty("properties", out var properties))
        {
            yield break;
        }

        foreach (var property in properties.EnumerateObject())
        {
            var field = Resolve(document, property.Value);
            var path = prefix + property.Name;
            yield return new SchemaField(
                path, IsRequiredIn(schema, property.Name), TypeOf(field), Text(field, "description") ?? "");
            var (inner, innerPath) = field.TryGetProperty("items", out var items)
                ? (items, $"{path}[].")
                : (field, $"{path}.");
            foreach (var nested in Of(document, inner, innerPath))
            {
                yield return nested;
            }
        }
    }

    /// <summary>Follows a reference such as <c>#/components/schemas/Event</c>.</summary>
    public static JsonElement Resolve(JsonElement document, JsonElement value)
    {
        while (value.ValueKind == JsonValueKind.Object && value.TryGetProperty("$ref", out var reference))
        {
            value = reference.GetString()!.Split('/').Skip(1)
                .Aggregate(document, static (element, name) => element.GetProperty(name));
        }

        return value;
    }

    public static string? Text(JsonElement value, string name) =>
        value.TryGetProperty(name, out var text) ? text.ToString() : null;

    private static bool IsRequiredIn(JsonElement schema, string name) =>
        schema.TryGetProperty("required", out var required)
        && required.EnumerateArray().Any(item => item.ValueEquals(name));

    private static string TypeOf(JsonElement schema)
    {
        if (schema.TryGetProperty("const", out var constant))
        {
            return constant.GetRawText();
        }

        if (schema.TryGetProperty("enum", out var values))
        {
            return string.Join(" or ", values.EnumerateArray().Select(value => value.GetRawText()));
        }

        if (schema.TryGetProperty("anyOf", out var types))
        {
            return string.Join(" or ", types.EnumerateArray().Select(TypeOf));
        }

        var type = schema.GetProperty("type");
        var names = type.ValueKind == JsonValueKind.Array
            ? string.Join(" or ", type.EnumerateArray().Select(name => name.GetString()))
            : type.GetString()!;
        return names + Limits(schema, "minLength", "maxLength", " characters")
            + Limits(schema, "minimum", "maximum", "") + Limits(schema, "minItems", "maxItems", " elements");
    }

    private static string Limits(JsonElement schema, string least, string most, string unit) =>
        (Number(schema, least), Number(schema, most)) switch
        {
            (null, null) => "",
            ({ } from, null) => $", at least {from}{(from == "1" ? unit.TrimEnd('s') : unit)}",
            (null, { } to) => $", at most {to}{unit}",
            ({ } from, { } to) => $", {from} to {to}{unit}",
        };

    private static string? Number(JsonElement schema, string name) =>
        schema.TryGetProperty(name, out var value)
            ? value.GetInt64().ToString("N0", CultureInfo.InvariantCulture)
            : null;
}
