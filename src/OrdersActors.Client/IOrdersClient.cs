namespace OrdersActors.Client;

/// <summary>
/// Receives order-status events. All watches share one connection. It is opened by the first watch, and closed 5 s
/// after the last one has ended. Thread-safe.
/// </summary>
public interface IOrdersClient
{
    /// <summary>The state of the connection.</summary>
    OrdersClientState State { get; }

    /// <summary>
    /// Raised after each change of the state, on a thread of the thread pool, one call at a time. A handler must not
    /// block.
    /// </summary>
    event EventHandler<OrdersClientState>? StateChanged;

    /// <summary>
    /// Watches an order: every event once and in order, over any number of reconnects. It goes on until the loop is
    /// left or <paramref name="cancellationToken"/> is cancelled.
    /// </summary>
    /// <param name="orderId">The order, 1 to 128 characters.</param>
    /// <param name="start">The start; default: the next event.</param>
    /// <param name="cancellationToken">Ends the watch.</param>
    /// <exception cref="OrdersClientException">
    /// The server refuses or ends the watch, or the client has stopped.
    /// </exception>
    /// <exception cref="OrderGapException">
    /// Events are no longer kept or the history was rewritten, and <see cref="OrdersClientOptions.OnGap"/> is not set.
    /// </exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    IAsyncEnumerable<OrderUpdate> WatchAsync(
        string orderId, WatchStart start = default, CancellationToken cancellationToken = default);

    /// <summary>
    /// Watches all orders of the organization. It needs a signature, or a token for the organization. Otherwise it is
    /// like <see cref="WatchAsync"/>; the numbers are sequences.
    /// </summary>
    /// <param name="start">The start; default: the next event.</param>
    /// <param name="cancellationToken">Ends the watch.</param>
    IAsyncEnumerable<OrderUpdate> WatchAllAsync(
        WatchStart start = default, CancellationToken cancellationToken = default);
}
