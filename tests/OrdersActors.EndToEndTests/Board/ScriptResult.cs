using System.Text.Json;

namespace OrdersActors.EndToEndTests.Board;

/// <summary>Reads the object that a script in the page has returned.</summary>
internal static class ScriptResult
{
    public static T Read<T>(this JsonElement result, string name) => result.GetProperty(name).Deserialize<T>()!;
}
