namespace OrdersActors.Storage.Transfer;

/// <summary>
/// Everything that a log has of one organization, in one snapshot. Appends and the removal of old events continue
/// meanwhile and are not seen. Used by one caller at a time.
/// </summary>
public interface IOrganizationSource : IAsyncDisposable
{
    /// <summary>The epoch of the log.</summary>
    string Epoch { get; }

    /// <summary>
    /// The organization's newest number, and the first one of its feed; 0 and 1 if it never had an event.
    /// </summary>
    OrganizationHead Head { get; }

    /// <summary>The number of its orders.</summary>
    long OrderCount { get; }

    /// <summary>The number of its events that are kept.</summary>
    long EventCount { get; }

    /// <summary>All orders, in any order.</summary>
    IAsyncEnumerable<KnownOrder> ReadOrdersAsync(CancellationToken cancellationToken);

    /// <summary>
    /// All events by their sequence, also those before the feed's first number, which are kept only for their orders.
    /// </summary>
    IAsyncEnumerable<OrderEvent> ReadEventsAsync(CancellationToken cancellationToken);
}
