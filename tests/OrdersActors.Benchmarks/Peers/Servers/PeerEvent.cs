using System.Text.Json.Serialization;

namespace OrdersActors.Benchmarks.Peers.Servers;

/// <summary>The event as an object, for a peer that serializes its messages itself.</summary>
internal sealed record PeerEvent(
    [property: JsonPropertyName("id")] string Id,
    [property: JsonPropertyName("organization_id")] string OrganizationId,
    [property: JsonPropertyName("order_id")] string OrderId,
    [property: JsonPropertyName("version")] long Version,
    [property: JsonPropertyName("status")] string Status,
    [property: JsonPropertyName("occurred_at")] string OccurredAt,
    [property: JsonPropertyName("details")] PeerEventDetails Details)
{
    public static PeerEvent Of(Trigger trigger, long version) => new(
        EventPayload.Id(trigger.Due), "shop", EventPayload.OrderId(trigger.Topic), version, "moving",
        EventPayload.Time(), new PeerEventDetails("DHL", trigger.Due));
}
