using System.Text.Json;

namespace OrdersActors.Tests.Support;

/// <summary>The test vectors of the protocol, as clients in other languages use them.</summary>
internal static class Vectors
{
    public static JsonElement Read(string file)
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(
            SourceFolders.Source, "OrdersActors.FrontEnd", "Protocol", "vectors", file)));
        return json.RootElement.Clone();
    }

    /// <summary>The names of the elements of a list, for a theory.</summary>
    public static TheoryData<string> Names(JsonElement file, string list) =>
        [.. file.GetProperty(list).EnumerateArray().Select(vector => vector.GetProperty("name").GetString()!)];

    /// <summary>The element of a list with a name.</summary>
    public static JsonElement Find(JsonElement file, string list, string name) =>
        file.GetProperty(list).EnumerateArray().Single(vector => vector.GetProperty("name").ValueEquals(name));

    public static string? Text(this JsonElement value, string name) =>
        value.TryGetProperty(name, out var field) ? field.GetString() : null;

    public static long? Number(this JsonElement value, string name) =>
        value.TryGetProperty(name, out var field) ? field.GetInt64() : null;

    public static bool? Flag(this JsonElement value, string name) =>
        value.TryGetProperty(name, out var field) ? field.GetBoolean() : null;
}
