using Microsoft.Extensions.Hosting;
using OrdersActors.FrontEnd.Subscriptions;

namespace OrdersActors.FrontEnd.Connections;

/// <summary>
/// Closes all connections when the log's history was rewritten, because the numbers that their clients have are no
/// longer valid.
/// </summary>
/// <remarks>
/// A connection that is registered after that has no subscriptions yet. With its first request it takes the new
/// history, or it finds that the history that it took has ended (<see cref="ConnectionSubscriptions"/>).
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
