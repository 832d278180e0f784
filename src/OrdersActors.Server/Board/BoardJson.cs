using System.Text.Json.Serialization;

namespace OrdersActors.Server.Board;

/// <summary>The configuration that the page reads before it connects.</summary>
/// <param name="Demo">The account to offer; null if there is no demo.</param>
internal sealed record BoardConfig(DemoAccount? Demo);

/// <summary>Serializes the page's configuration with snake-case names, as in the protocol.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(BoardConfig))]
internal sealed partial class BoardJson : JsonSerializerContext;
