using System.Collections.Concurrent;
using OrdersActors.Client;

namespace OrdersActors.TestServer;

/// <summary>An application that reads a watch and records what it sees.</summary>
public sealed class WatchRun : IAsyncDisposable
{
    private readonly CancellationTokenSource _left = new();
    private readonly Task _reading;

    /// <param name="client">The client.</param>
    /// <param name="order">The order; null for the organization.</param>
    /// <param name="start">The start.</param>
    /// <param name="permits">If given, the reader takes one before each event.</param>
    public WatchRun(IOrdersClient client, string? order, WatchStart start, SemaphoreSlim? permits = null)
    {
        Order = order;
        _reading = ReadAsync(client, start, permits);
    }

    public string? Order { get; }

    public ConcurrentQueue<OrderUpdate> Seen { get; } = [];

    public IEnumerable<long> Versions => Seen.Select(update => update.Version);

    public IEnumerable<long> Numbers => Seen.Select(update => update.Position.Number);

    /// <summary>Why the watch ended; null while it lives, and if the application left it.</summary>
    public Exception? Failure { get; private set; }

    public void Leave() => _left.Cancel();

    public async ValueTask DisposeAsync()
    {
        await _left.CancelAsync();
        await _reading;
        _left.Dispose();
    }

    private async Task ReadAsync(IOrdersClient client, WatchStart start, SemaphoreSlim? permits)
    {
        try
        {
            var watch = Order is null
                ? client.WatchAllAsync(start, _left.Token) : client.WatchAsync(Order, start, _left.Token);
            await foreach (var update in watch)
            {
                if (permits is not null)
                {
                    await permits.WaitAsync(_left.Token);
                }

                Seen.Enqueue(update);
            }
        }
        catch (OperationCanceledException) when (_left.IsCancellationRequested)
        {
            // The application left the watch.
        }
        catch (Exception e)
        {
            Failure = e;
        }
    }
}
