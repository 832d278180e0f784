using System.Text.Json.Serialization;

namespace OrdersActors.Benchmarks.Peers.Servers;

/// <summary>The details of a <see cref="PeerEvent"/>; see <see cref="EventPayload.Details"/>.</summary>
internal sealed record PeerEventDetails(
    [property: JsonPropertyName("carrier")] string Carrier, [property: JsonPropertyName("due")] long Due);
