using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;

namespace OrdersActors.Storage.EventLog;

/// <summary>
/// The queue in front of a writer. It is bounded, so that a slow disk cannot fill the memory, and has one reader.
/// </summary>
/// <param name="capacity">Most writes that wait.</param>
/// <param name="timeout">How long a write may wait for room.</param>
/// <param name="time">The clock.</param>
/// <param name="wakesInline">
/// Whether the writer is woken by the thread that adds a write and not by another thread of the pool. The writer's
/// continuation must then do nothing else than to set an event.
/// </param>
internal sealed class WriteQueue<T>(int capacity, TimeSpan timeout, TimeProvider time, bool wakesInline = false)
    where T : class, IPendingWrite
{
    private readonly Channel<T> _channel = Channel.CreateBounded<T>(
        new BoundedChannelOptions(capacity) { SingleReader = true, AllowSynchronousContinuations = wakesInline });

    /// <summary>The number of writes that wait, with those that their callers have given up.</summary>
    public int Count => _channel.Reader.Count;

    /// <summary>Adds a write at the end. If the queue is full, it waits for room until a timeout.</summary>
    /// <exception cref="EventLogUnavailableException">The queue stayed full, or is closed.</exception>
    public async Task EnqueueAsync(T write, CancellationToken cancellationToken)
    {
        // Usually the queue has room, and no timer is needed.
        if (_channel.Writer.TryWrite(write))
        {
            return;
        }

        try
        {
            await TimedWait.RunAsync(
                token => _channel.Writer.WriteAsync(write, token).AsTask(),
                timeout,
                time,
                () => $"{capacity} appends have been waiting for {LogUnavailable.Seconds(timeout)}",
                cancellationToken);
        }
        catch (ChannelClosedException)
        {
            throw LogUnavailable.Stopping();
        }
    }

    /// <summary>
    /// Waits until the queue has a write. Returns false if it is closed and empty. Only the writer may call this.
    /// </summary>
    public ValueTask<bool> WaitToTakeAsync() => _channel.Reader.WaitToReadAsync();

    /// <summary>
    /// Takes the next write, if the writer has room for it. Writes that their callers have given up are dropped. Only
    /// the writer may call this.
    /// </summary>
    public bool TryTake(Func<T, bool> hasRoom, [NotNullWhen(true)] out T? write)
    {
        while (_channel.Reader.TryPeek(out var next) && hasRoom(next))
        {
            _channel.Reader.TryRead(out _);
            if (next.TryTake())
            {
                write = next;
                return true;
            }
        }

        write = null;
        return false;
    }

    /// <summary>Rejects further writes. The writer ends when it has taken the remaining ones.</summary>
    public void Close() => _channel.Writer.TryComplete();
}
