namespace OrdersActors.Server.Commands.Orders;

/// <summary>Where a command reads feeds: the database, or a silo behind a gateway.</summary>
internal interface IFeedSource : IAsyncDisposable
{
    /// <summary>What is read, for the operator. It contains no secret.</summary>
    string Location { get; }

    /// <summary>The range of a feed; null if there is no such order.</summary>
    Task<FeedBounds?> GetBoundsAsync(FeedKey feed, CancellationToken cancellationToken);

    /// <summary>Reads events of a feed after a number, in order; none only at the end.</summary>
    Task<IReadOnlyList<EncodedOrderEvent>> ReadAsync(
        FeedKey feed, long after, int limit, CancellationToken cancellationToken);
}
