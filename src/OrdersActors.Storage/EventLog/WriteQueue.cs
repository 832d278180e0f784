using System.Threading.Channels;

namespace OrdersActors.Storage.EventLog;

/// <summary>
/// The queue in front of a writer. It is bounded, so that a slow disk cannot fill the memory, and has one reader.
/// </summary>
internal sealed class WriteQueue<T>(int capacity, TimeSpan patience, TimeProvider time)
{
    private readonly Channel<T> _channel =
        Channel.CreateBounded<T>(new BoundedChannelOptions(capacity) { SingleReader = true });

    public ChannelReader<T> Reader => _channel.Reader;

    /// <summary>Adds an item at the end. If the queue is full, it waits for room until a timeout.</summary>
    /// <exception cref="EventLogUnavailableException">The queue stayed full, or is closed.</exception>
    public async Task EnqueueAsync(T write, CancellationToken cancellationToken)
    {
        // Usually the queue has room, and no timer is needed.
        if (_channel.Writer.TryWrite(write))
        {
            return;
        }

        using var timeout = new CancellationTokenSource(patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            await _channel.Writer.WriteAsync(write, either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new EventLogUnavailableException(
                $"the event log is unavailable: {capacity} appends have been waiting for " +
                $"{patience.TotalSeconds:0.#} s");
        }
        catch (ChannelClosedException)
        {
            throw new EventLogUnavailableException("the event log is unavailable: the server is stopping");
        }
    }

    /// <summary>Rejects further items. The reader ends when it has read the remaining ones.</summary>
    public void Close() => _channel.Writer.TryComplete();
}
