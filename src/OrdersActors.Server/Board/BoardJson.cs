using System.Text.Json;
using System.Text.Json.Serialization;

namespace OrdersActors.Server.Board;

/// <summary>What the page is told before it connects.</summary>
/// <param name="Demo">The account to offer; null where there is no demo.</param>
internal sealed record BoardConfig(DemoAccount? Demo);

/// <summary>The answer to placing or advancing a demo order: the event that was published.</summary>
/// <param name="OrderId">The order.</param>
/// <param name="Id">The event's id.</param>
/// <param name="Status">The order's status now.</param>
/// <param name="OccurredAt">When it happened: RFC 3339, UTC, six fractional digits.</param>
/// <param name="Details">The event's details.</param>
internal sealed record DemoEvent(string OrderId, string Id, string Status, string OccurredAt, JsonElement Details)
{
    public static DemoEvent From(OrderStatusEvent e) =>
        new(e.OrderId, e.Id, e.Status, OrderEventJson.TimeText(e.OccurredAt), JsonElement.Parse(e.Details ?? "{}"));
}

/// <summary>Why a request of the page was refused.</summary>
/// <param name="Code">For programs.</param>
/// <param name="Message">For people; the page shows it as it is.</param>
internal sealed record BoardError(string Code, string Message);

/// <summary>The board's own small API, in the protocol's spelling.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(BoardConfig))]
[JsonSerializable(typeof(DemoEvent))]
[JsonSerializable(typeof(BoardError))]
internal sealed partial class BoardJson : JsonSerializerContext;
