using System.Text.Json;
using OrdersActors.Client;
using OrdersActors.Client.Feeds;
using OrdersActors.Client.Protocol;

namespace OrdersActors.Tests.Client.Connections;

/// <summary>Events and confirmations for tests of the parts of a connection.</summary>
internal static class FeedEvents
{
    public const string Epoch = "E1";

    /// <summary>The bytes that tests count for each event.</summary>
    public const int Size = 300;

    public static OrderUpdate Event(string order, long version, long? sequence = null) => new()
    {
        Id = $"{order}-{version}",
        OrganizationId = "acme",
        OrderId = order,
        Version = version,
        Sequence = sequence,
        Status = "s",
        OccurredAt = default,
    };

    /// <summary>Requests what is due, and confirms that the feed continues after a number.</summary>
    public static Feed GoLive(this FeedTable feeds, string? order, long after)
    {
        var (_, requested) = feeds.NextRequest()!.Value;
        var feed = requested.Single(feed => feed.OrderId == order);
        feeds.Confirm(feed, new Confirmation(IsResumed: true, 0, Epoch, after));
        return feed;
    }

    /// <summary>A reply of the server.</summary>
    public static ServerMessage Reply(string type, object data) => ClientJson.Read(
        JsonSerializer.SerializeToUtf8Bytes(new { type, data }));

    public static ServerMessage Confirmed(string? order, long position, long? earliest = null) => Reply(
        "subscription",
        new
        {
            order_id = order,
            scope = order is null ? "organization" : "order",
            status = "subscribed",
            resumed = earliest is null,
            earliest,
            epoch = Epoch,
            position,
        });

    public static ServerMessage Refused(string? order, string code, int? retryAfterMs = null) =>
        Reply("error", new { code, message = "m", order_id = order, retry_after_ms = retryAfterMs });

    /// <summary>The versions of the events that wait for the reader of a watch, which are then read.</summary>
    public static long[] Read(this Watch watch)
    {
        var versions = new List<long>();
        while (watch.Buffer.TryTake(out var item))
        {
            versions.Add(item.Update!.Version);
        }

        return [.. versions];
    }
}
