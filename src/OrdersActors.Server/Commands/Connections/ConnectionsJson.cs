using System.Text.Json.Serialization;

namespace OrdersActors.Server.Commands.Connections;

/// <summary>The output of <c>connections</c> and <c>disconnect</c>. Fields are only ever added.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ListedFrontEnd[]))]
[JsonSerializable(typeof(DisconnectedFrontEnd[]))]
internal sealed partial class ConnectionsJson : JsonSerializerContext;

/// <param name="FrontEnd">The name of the front end: its machine and process.</param>
/// <param name="Total">All its connections; null if it did not answer.</param>
/// <param name="Matching">Those that pass the filter; null if it did not answer.</param>
/// <param name="Connections">Some of those, up to the limit of the call.</param>
/// <param name="Problem">Why it did not answer, or null.</param>
internal sealed record ListedFrontEnd(
    string FrontEnd, int? Total, int? Matching, ListedConnection[] Connections, string? Problem);

/// <param name="OrganizationId">The client's organization; null before it has authenticated.</param>
/// <param name="Key">The first characters of the API key.</param>
/// <param name="Customer">The customer that the client's token names, or null.</param>
/// <param name="Address">The client's address.</param>
/// <param name="Transport"><c>websocket</c> or <c>event stream</c>.</param>
/// <param name="AgeSeconds">How long the connection has been open.</param>
/// <param name="Subscriptions">The number of subscriptions.</param>
/// <param name="Orders">Some of the orders, at most ten.</param>
/// <param name="IsOrganizationWide">Whether the client is subscribed to the whole organization.</param>
/// <param name="QueuedBytes">The bytes that wait to be sent.</param>
internal sealed record ListedConnection(
    string? OrganizationId, string? Key, string? Customer, string? Address, string Transport, double AgeSeconds,
    int Subscriptions, string[] Orders, bool IsOrganizationWide, long QueuedBytes)
{
    public static ListedConnection Of(ConnectionInfo info) => new(
        info.OrganizationId, info.Key, info.Customer, info.Address, info.Transport,
        Math.Round(info.Age.TotalSeconds, 1), info.Subscriptions, info.Orders, info.IsOrganizationWide,
        info.QueuedBytes);
}

/// <param name="FrontEnd">The name of the front end.</param>
/// <param name="Closed">How many connections it has begun to close.</param>
/// <param name="Problem">Why it did not answer, or null.</param>
internal sealed record DisconnectedFrontEnd(string FrontEnd, int Closed, string? Problem);
