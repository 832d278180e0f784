namespace OrdersActors.Storage.Transfer;

/// <summary>
/// Stores events of one organization with the numbers that they already have. Used by one caller at a time.
/// </summary>
/// <remarks>
/// <code>
///   1 BeginAsync: all numbers, closed feed ──► 2 AddAsync: events ──► … ──► 3 FinishAsync: open feed
/// </code>
/// <list type="number">
/// <item>One transaction reserves the numbers of the organization and of its orders. An event that somebody publishes
/// meanwhile gets the next number. The feed begins after the last reserved number, so no reader sees a gap.</item>
/// <item>Each call is one transaction. So an interrupted import leaves the first events, and continues after
/// them.</item>
/// <item>The feed begins at its first number again.</item>
/// </list>
/// </remarks>
public interface IOrganizationTarget : IAsyncDisposable
{
    /// <summary>The location of the database, for the operator. It contains no secret.</summary>
    string Location { get; }

    /// <summary>The organization's numbers; null if the log does not know it.</summary>
    Task<OrganizationHead?> FindAsync(CancellationToken cancellationToken);

    /// <summary>The newest number of an order; null if there is no such order.</summary>
    Task<long?> FindOrderAsync(string orderId, CancellationToken cancellationToken);

    /// <summary>
    /// The stored events with a sequence greater than <paramref name="after"/>, in order, at most
    /// <paramref name="limit"/>, also those before the feed's first number. Empty only at the end.
    /// </summary>
    Task<IReadOnlyList<OrderEvent>> ReadAsync(long after, int limit, CancellationToken cancellationToken);

    /// <summary>Reserves the numbers. The organization must be unknown.</summary>
    /// <exception cref="StorageException">Somebody has published for the organization meanwhile.</exception>
    Task BeginAsync(
        long sequence, IAsyncEnumerable<KnownOrder> orders, CancellationToken cancellationToken);

    /// <summary>
    /// Adds events, by ascending sequence, all or none. They are delivered to subscribers that wait for them, and to
    /// nobody else.
    /// </summary>
    Task AddAsync(IReadOnlyList<OrderEvent> events, CancellationToken cancellationToken);

    /// <summary>Opens the feed, unless it is open.</summary>
    /// <param name="head">The numbers of the organization.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task FinishAsync(OrganizationHead head, CancellationToken cancellationToken);
}
