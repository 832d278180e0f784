using Microsoft.Extensions.Hosting;
using OrdersActors.FrontEnd.Subscriptions;

namespace OrdersActors.FrontEnd.Connections;

/// <summary>
/// Closes all connections when the log's history was rewritten: the numbers that their clients hold have lost their
/// meaning.
/// </summary>
/// <remarks>
/// A connection that is registered only after this has, as yet, no subscriptions. It takes the new history with its
/// first request, or finds that the one it took has ended (<see cref="ConnectionSubscriptions"/>).
/// </remarks>
internal sealed class RewrittenHistory(FeedHub hub, ConnectionRegistry registry) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        hub.HistoryRewritten = () =>
        {
            foreach (var connection in registry.All)
            {
                connection.Close(CloseReason.HistoryRewritten);
            }
        };
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
