using System.Runtime.InteropServices;
using System.Text.Json;
using OrdersActors.Checker.World;

namespace OrdersActors.Checker.Clients;

/// <summary>The <c>data</c> of an event message, as the protocol page describes it.</summary>
/// <param name="Id">The event's id.</param>
/// <param name="OrganizationId">The event's organization.</param>
/// <param name="OrderId">The event's order.</param>
/// <param name="Version">The number in the order.</param>
/// <param name="Sequence">The number in the organization; 0 if the event has none.</param>
/// <param name="Content">The <see cref="ContentHash"/> of the event.</param>
internal readonly record struct EventMessage(
    string Id, string OrganizationId, string OrderId, long Version, long Sequence, ulong Content)
{
    public static EventMessage Read(JsonElement data)
    {
        var id = Text("id");
        var organization = Text("organization_id");
        var order = Text("order_id");
        var details = data.TryGetProperty("details", out var json) ? JsonMarshal.GetRawUtf8Value(json) : [];
        return new EventMessage(
            id, organization, order,
            data.GetProperty("version").GetInt64(),
            data.TryGetProperty("sequence", out var sequence) ? sequence.GetInt64() : 0,
            ContentHash.Of(
                organization, order, id, Text("status"), data.GetProperty("occurred_at").GetDateTimeOffset(), details));

        string Text(string name) => data.GetProperty(name).GetString()!;
    }
}
