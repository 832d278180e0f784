using Orleans.Streams;

namespace OrdersActors.Streaming;

/// <summary>A consumer's place in its stream. The batch it stands on is being delivered; those before it are done.</summary>
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

    /// <summary>The position up to which this consumer needs nothing any more.</summary>
    public long Passed { get; private set; }

    public bool MoveNext()
    {
        if (_current is not null)
        {
            Passed = _current.Value.Position;
        }

        // A batch leaves the list only after every cursor passed it, so a node without a list is followed by the first.
        var next = _current?.List is null ? _stream.Batches.First : _current.Next;
        while (next is not null && next.Value.Position <= Passed)
        {
            next = next.Next;
        }

        // At the end the cursor keeps its number and not the batch, which would otherwise live as long as the stream is idle.
        _current = next;
        return next is not null;
    }

    public IBatchContainer? GetCurrent(out Exception? exception)
    {
        exception = null;
        return _current?.Value;
    }

    /// <summary>Nothing to do: a cursor finds what was added behind it.</summary>
    public void Refresh(StreamSequenceToken token)
    {
    }

    /// <summary>Nothing to do: the consumer sees the hole in the numbers and heals it from the log.</summary>
    public void RecordDeliveryFailure()
    {
    }

    public void Dispose()
    {
        _stream.Cursors.Remove(this);
        _disposed(_stream);
    }
}
