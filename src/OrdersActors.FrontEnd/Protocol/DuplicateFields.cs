using System.Text.Json;

namespace OrdersActors.FrontEnd.Protocol;

/// <summary>
/// Finds a field that an object has twice. Such a message is refused: readers of JSON disagree on which of the two
/// counts.
/// </summary>
internal static class DuplicateFields
{
    /// <summary>
    /// The name of a field that one object of the message has twice; null if there is none, or if it is not JSON.
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
            // The caller reports it.
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
