namespace OrdersActors.Grains.Observers;

/// <summary>
/// The notifications that wait while a call to one observer is under way. Used under the lock of its owner,
/// <see cref="NotificationLanes"/>.
/// </summary>
internal sealed class NotificationLane
{
    /// <summary>Most bytes that wait.</summary>
    public const long MaxWaitingBytes = 4 * PendingEvents.MaxBytesPerCall;

    private readonly Queue<Notification> _waiting = [];
    private long _waitingBytes;

    /// <summary>Whether no notification may wait any more.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>Lets a notification wait. Returns false at the bound, and after <see cref="Close"/>.</summary>
    public bool TryAdd(Notification notification)
    {
        if (IsClosed || _waitingBytes + notification.Bytes > MaxWaitingBytes)
        {
            return false;
        }

        _waiting.Enqueue(notification);
        _waitingBytes += notification.Bytes;
        return true;
    }

    /// <summary>Takes as many of the oldest notifications as one call may carry; none if none wait.</summary>
    public List<Notification> Take()
    {
        var taken = new List<Notification>();
        var (events, bytes) = (0, 0L);
        while (_waiting.TryPeek(out var next))
        {
            events += next.Content.Events.Length;
            bytes += next.Bytes;
            if (taken.Count > 0 && !PendingEvents.FitsOneCall(events, bytes))
            {
                break;
            }

            taken.Add(_waiting.Dequeue());
            _waitingBytes -= next.Bytes;
        }

        return taken;
    }

    /// <summary>Takes all that wait. From now on none may wait.</summary>
    public List<Notification> Close()
    {
        IsClosed = true;
        List<Notification> left = [.. _waiting];
        _waiting.Clear();
        _waitingBytes = 0;
        return left;
    }
}
