using OrdersActors.Streaming.Batches;
using Orleans.Streams;

namespace OrdersActors.Streaming.Cache;

/// <summary>
/// A consumer's position in its stream. The current batch is being delivered; all batches before it are done. Used
/// only from the agent's scheduler.
/// </summary>
internal sealed class StreamCursor : IQueueCacheCursor
{
    private readonly StreamQueue _stream;
    private readonly Action<StreamQueue> _disposed;
    private LinkedListNode<OrganizationBatch>? _current;

    public StreamCursor(StreamQueue stream, long from, Action<StreamQueue> disposed)
    {
        _stream = stream;
        _disposed = disposed;
        Passed = from - 1;
        stream.Cursors.Add(this);
    }

    /// <summary>The position up to which this consumer needs no batch any more.</summary>
    public long Passed { get; private set; }

    public bool MoveNext()
    {
        if (_current is not null)
        {
            Passed = _current.Value.Position;
        }

        // A batch leaves the list only after every cursor passed it. So if the current node has left its list, the next
        // batch is the first one of the list.
        var next = _current?.List is null ? _stream.Batches.First : _current.Next;
        while (next is not null && next.Value.Position <= Passed)
        {
            next = next.Next;
        }

        // At the end the cursor keeps only its position. A reference to the batch would keep it in memory while the
        // stream is idle.
        _current = next;
        return next is not null;
    }

    public IBatchContainer? GetCurrent(out Exception? exception)
    {
        exception = null;
        return _current?.Value;
    }

    /// <summary>Does nothing: a cursor finds the batches that are added after it.</summary>
    public void Refresh(StreamSequenceToken token)
    {
    }

    /// <summary>
    /// Does nothing: the consumer sees the gap in the numbers and reads the missing events from the log.
    /// </summary>
    public void RecordDeliveryFailure()
    {
    }

    public void Dispose()
    {
        _stream.Cursors.Remove(this);
        _disposed(_stream);
    }
}
