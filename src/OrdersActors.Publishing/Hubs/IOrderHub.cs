using Orleans.Streams;

namespace OrdersActors.Publishing.Hubs;

/// <summary>
/// The connection of a publisher: the application's own Orleans client or silo (<see cref="HostedStreams"/>), or a
/// client that belongs to the publisher (<see cref="OrderHub"/>).
/// </summary>
internal interface IOrderHub
{
    /// <summary>
    /// Signalled when the application begins to stop. From then on, calls neither wait for a connection nor retry.
    /// </summary>
    CancellationToken Stopping { get; }

    /// <summary>Returns the stream provider as soon as it can be used.</summary>
    /// <param name="timeout">The maximum time to wait for the connection; 0 or less does not wait.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <exception cref="HubUnavailableException">There was no connection within that time.</exception>
    ValueTask<IStreamProvider> ConnectAsync(TimeSpan timeout, CancellationToken cancellationToken);
}
