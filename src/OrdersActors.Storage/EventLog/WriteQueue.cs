using System.Threading.Channels;

namespace OrdersActors.Storage.EventLog;

/// <summary>What waits for a writer, in order: bounded, so that a slow disk fills no memory, and read by one.</summary>
internal sealed class WriteQueue<T>(int capacity, TimeSpan patience, TimeProvider time)
{
    private readonly Channel<T> _channel =
        Channel.CreateBounded<T>(new BoundedChannelOptions(capacity) { SingleReader = true });

    public ChannelReader<T> Reader => _channel.Reader;

    /// <summary>Adds something at the end. Where there is no room it waits, and not for ever.</summary>
    /// <exception cref="EventLogUnavailableException">No room came in time, or the queue is closed.</exception>
    public async Task EnqueueAsync(T write, CancellationToken cancellationToken)
    {
        // Most often there is room, and no timer is needed.
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
                $"the event log is unavailable: {capacity} appends have been waiting for {patience.TotalSeconds:0.#} s");
        }
        catch (ChannelClosedException)
        {
            throw new EventLogUnavailableException("the event log is unavailable: the server is stopping");
        }
    }

    /// <summary>Takes nothing more. The reader ends when it has read what is there.</summary>
    public void Close() => _channel.Writer.TryComplete();
}
