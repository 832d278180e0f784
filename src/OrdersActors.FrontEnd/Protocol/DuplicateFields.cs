using System.Text.Json;

namespace OrdersActors.FrontEnd.Protocol;

/// <summary>
/// Finds a field that one object has twice. Such a message is refused, because JSON parsers disagree on which of the
/// two counts.
/// </summary>
internal static class DuplicateFields
{
    /// <summary>
    /// Returns the name of a field that one object of the message has twice. Returns null if there is no such field or
    /// the message is not JSON.
    /// </summary>
    public static string? Find(ReadOnlyMemory<byte> utf8)
    {
        try
        {
            using var json = JsonDocument.Parse(utf8);
            return Find(json.RootElement);
        }
        catch (JsonException)
        {
            // The caller reports that the message is not JSON.
            return null;
        }
    }

    private static string? Find(JsonElement element)
    {
        if (element.ValueKind == JsonValueKind.Array)
        {
            return element.EnumerateArray().Select(Find).FirstOrDefault(name => name is not null);
        }

        if (element.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var property in element.EnumerateObject())
        {
            if (!names.Add(property.Name))
            {
                return property.Name;
            }

            if (Find(property.Value) is { } name)
            {
                return name;
            }
        }

        return null;
    }
}
