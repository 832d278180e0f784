using Orleans.Streams;

namespace OrdersActors.Publishing;

/// <summary>
/// The connection that a publisher publishes through: the application's own Orleans client or silo
/// (<see cref="HostedStreams"/>), or a client of the publisher's own (<see cref="OrderHub"/>).
/// </summary>
internal interface IOrderHub
{
    /// <summary>
    /// Signalled when the application begins to stop. From then on nothing is waited for and nothing is retried.
    /// </summary>
    CancellationToken Stopping { get; }

    /// <summary>Returns the stream provider as soon as it can be used.</summary>
    /// <param name="atMost">The longest time to wait for the connection; 0 does not wait.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="HubUnavailableException">There was no connection in that time.</exception>
    ValueTask<IStreamProvider> ConnectAsync(TimeSpan atMost, CancellationToken cancellationToken);
}
