namespace OrdersActors.Server.Commands.Orders;

/// <summary>Reads feeds through a gateway, like a front end without a database.</summary>
internal sealed class GatewaySource(PublishingClient client) : IFeedSource
{
    public string Location => client.Location;

    public Task<FeedBounds?> GetBoundsAsync(FeedKey feed, CancellationToken cancellationToken) =>
        client.Grains.Find<IReplayGrain>(0).GetBounds(feed).WaitAsync(cancellationToken);

    public async Task<IReadOnlyList<EncodedOrderEvent>> ReadAsync(
        FeedKey feed, long after, int limit, CancellationToken cancellationToken) =>
        await client.Grains.Find<IReplayGrain>(0).Read(feed, after, limit).WaitAsync(cancellationToken);

    public ValueTask DisposeAsync() => client.DisposeAsync();
}
