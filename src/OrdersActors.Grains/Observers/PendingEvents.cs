namespace OrdersActors.Grains.Observers;

/// <summary>
/// Events that wait for one receiver, oldest first. Bounded in events and in bytes. At either bound the oldest events
/// are dropped. The newest event is never dropped: its number shows the receiver which events it has missed.
/// </summary>
internal sealed class PendingEvents(int maxEvents, long maxBytes)
{
    /// <summary>Most events in one grain call: 512 events of 300 bytes are 150 KB.</summary>
    public const int MaxEventsPerCall = 512;

    /// <summary>Most bytes in one grain call, unless a single event is larger.</summary>
    public const long MaxBytesPerCall = 1024 * 1024;

    // The object (64), the headers of its order id and bytes (22 + 24), and its entries in queues and arrays.
    private const int Overhead = 150;

    private readonly Queue<EncodedOrderEvent> _events = [];

    public int Count => _events.Count;

    /// <summary>
    /// The approximate memory that the events take. Receivers share events, so some are counted several times.
    /// </summary>
    public long Bytes { get; private set; }

    /// <summary>The approximate memory that events take.</summary>
    public static long SizeOf(ReadOnlySpan<EncodedOrderEvent> events)
    {
        long bytes = 0;
        foreach (var e in events)
        {
            bytes += SizeOf(e);
        }

        return bytes;
    }

    /// <summary>Whether one call may carry the events.</summary>
    public static bool FitsOneCall(int count, long bytes) =>
        count == 1 || (count <= MaxEventsPerCall && bytes <= MaxBytesPerCall);

    public void Add(EncodedOrderEvent e)
    {
        _events.Enqueue(e);
        Bytes += SizeOf(e);
        while (_events.Count > 1 && (_events.Count > maxEvents || Bytes > maxBytes))
        {
            Bytes -= SizeOf(_events.Dequeue());
        }
    }

    /// <summary>
    /// Takes as many of the oldest events as one call may carry, at least one. The queue must not be empty.
    /// </summary>
    public EncodedOrderEvent[] Take()
    {
        var count = 0;
        long bytes = 0;
        foreach (var e in _events)
        {
            bytes += SizeOf(e);
            if (!FitsOneCall(count + 1, bytes))
            {
                break;
            }

            count++;
        }

        var events = new EncodedOrderEvent[count];
        for (var i = 0; i < count; i++)
        {
            events[i] = _events.Dequeue();
            Bytes -= SizeOf(events[i]);
        }

        return events;
    }

    /// <summary>Drops all but the newest.</summary>
    public void KeepNewest()
    {
        while (_events.Count > 1)
        {
            Bytes -= SizeOf(_events.Dequeue());
        }
    }

    public void Clear()
    {
        _events.Clear();
        Bytes = 0;
    }

    private static long SizeOf(EncodedOrderEvent e) => Overhead + e.Json.Length + (sizeof(char) * e.OrderId.Length);
}
