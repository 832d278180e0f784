using OrdersActors.Storage;

namespace OrdersActors.Server.Commands.Orders;

/// <summary>Reads feeds from the database.</summary>
internal sealed class DatabaseSource(ILogReader log) : IFeedSource
{
    public string Location => log.Location;

    public async Task<FeedBounds?> GetBoundsAsync(FeedKey feed, CancellationToken cancellationToken)
    {
        // Before the numbers are read, so that they never belong to an older epoch.
        var epoch = await log.GetEpochAsync(cancellationToken);
        if (feed.IsOrganization)
        {
            var organization = await log.GetOrganizationHeadAsync(feed.OrganizationId, cancellationToken);
            return new FeedBounds(organization.Earliest, organization.Sequence, epoch);
        }

        return await log.GetOrderHeadAsync(feed.OrganizationId, feed.OrderId!, cancellationToken) is { } order
            ? new FeedBounds(order.Earliest, order.Version, epoch)
            : null;
    }

    public async Task<IReadOnlyList<EncodedOrderEvent>> ReadAsync(
        FeedKey feed, long after, int limit, CancellationToken cancellationToken)
    {
        var events = feed.IsOrganization
            ? await log.ReadOrganizationAsync(feed.OrganizationId, after, limit, cancellationToken)
            : await log.ReadOrderAsync(feed.OrganizationId, feed.OrderId!, after, limit, cancellationToken);
        return [.. events.Select(OrderEventJson.Encode)];
    }

    public ValueTask DisposeAsync() => log.DisposeAsync();
}
