using OrdersActors.Streaming.Batches;

namespace OrdersActors.Streaming.Cache;

/// <summary>One stream's batches, oldest first, and the cursors that deliver them.</summary>
internal sealed class StreamQueue(StreamId id)
{
    public StreamId Id => id;

    public LinkedList<OrganizationBatch> Batches { get; } = [];

    public List<StreamCursor> Cursors { get; } = [];

    public bool IsEmpty => Batches.Count == 0 && Cursors.Count == 0;

    /// <summary>
    /// Whether every cursor has passed the batch at this position. A stream without cursors needs no batch: the agent
    /// makes a cursor in the same turn in which it adds to the cache, so no cursor means that the agent has dropped the
    /// stream.
    /// </summary>
    public bool HasPassed(long position)
    {
        foreach (var cursor in Cursors)
        {
            if (cursor.Passed < position)
            {
                return false;
            }
        }

        return true;
    }
}
