using Orleans.Streams;

namespace OrdersActors.Publishing.Hubs;

/// <summary>The streams of the application's own Orleans client or silo.</summary>
/// <param name="streams">The stream provider of the application's service provider.</param>
/// <param name="client">
/// The state of the application's client; null in a silo, which starts its streams before anything can publish.
/// </param>
/// <param name="contact">
/// Knows why the client is not connected; null if the client does not start in the background.
/// </param>
/// <param name="time">The clock of the timeouts.</param>
/// <param name="stopping">Signalled when the application begins to stop.</param>
internal sealed class HostedStreams(
    IStreamProvider streams, ClientLifetime? client, HubContact? contact, TimeProvider time,
    CancellationToken stopping) : IOrderHub
{
    public CancellationToken Stopping => stopping;

    public async ValueTask<IStreamProvider> ConnectAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (client is not null)
        {
            await ConnectionWait.ForAsync(
                client.Started, timeout,
                () => contact?.Reason ?? "the application's Orleans client has not started", time, stopping,
                cancellationToken);
            if (client.IsStopped)
            {
                throw new HubUnavailableException("the application's Orleans client has stopped");
            }
        }

        return streams;
    }
}
