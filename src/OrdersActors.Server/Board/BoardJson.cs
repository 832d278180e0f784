using System.Text.Json;
using System.Text.Json.Serialization;

namespace OrdersActors.Server.Board;

/// <summary>The configuration that the page reads before it connects.</summary>
/// <param name="Demo">The account to offer; null if there is no demo.</param>
internal sealed record BoardConfig(DemoAccount? Demo);

/// <summary>The published event, as the answer to placing or advancing a demo order.</summary>
/// <param name="OrderId">The order.</param>
/// <param name="Id">The event's id.</param>
/// <param name="Status">The order's new status.</param>
/// <param name="OccurredAt">The time of the event: RFC 3339, UTC, six fractional digits.</param>
/// <param name="Details">The event's details.</param>
internal sealed record DemoEvent(string OrderId, string Id, string Status, string OccurredAt, JsonElement Details)
{
    public static DemoEvent From(OrderStatusEvent e) =>
        new(e.OrderId, e.Id, e.Status, OrderEventJson.TimeText(e.OccurredAt), JsonElement.Parse(e.Details ?? "{}"));
}

/// <summary>The reason why a request of the page was refused.</summary>
/// <param name="Code">The reason for programs.</param>
/// <param name="Message">The reason for people. The page shows it unchanged.</param>
internal sealed record BoardError(string Code, string Message);

/// <summary>Serializes the board's own HTTP API with snake-case names, as in the protocol.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(BoardConfig))]
[JsonSerializable(typeof(DemoEvent))]
[JsonSerializable(typeof(BoardError))]
internal sealed partial class BoardJson : JsonSerializerContext;
