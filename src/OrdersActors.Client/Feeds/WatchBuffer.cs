namespace OrdersActors.Client.Feeds;

/// <summary>
/// The events that wait for the reader of one watch, bounded in bytes. One writer at a time, one reader. Its lock is
/// the innermost one.
/// </summary>
internal sealed class WatchBuffer(int maxBytes)
{
    // The memory of an event besides its JSON.
    private const int Overhead = 200;

    private readonly object _lock = new();
    private readonly Queue<WatchItem> _items = [];
    private TaskCompletionSource? _changed;
    private Exception? _failure;
    private bool _isCompleted;
    private long _bytes;

    /// <summary>Whether an event fits. The largest event fits if nothing else waits.</summary>
    public bool HasRoom(int size)
    {
        lock (_lock)
        {
            return _bytes == 0 || _bytes + size + Overhead <= maxBytes;
        }
    }

    public bool IsEmpty
    {
        get
        {
            lock (_lock)
            {
                return _items.Count == 0;
            }
        }
    }

    public void Add(WatchItem item)
    {
        lock (_lock)
        {
            if (!_isCompleted)
            {
                _items.Enqueue(item);
                _bytes += item.Size + Overhead;
                Wake();
            }
        }
    }

    /// <summary>Drops what waits: its numbers belong to a history that has ended.</summary>
    public void Clear()
    {
        lock (_lock)
        {
            _items.Clear();
            _bytes = 0;
            Wake();
        }
    }

    /// <summary>Ends the watch after what waits: with an exception, or without one.</summary>
    public void Complete(Exception? failure)
    {
        lock (_lock)
        {
            if (!_isCompleted)
            {
                (_isCompleted, _failure) = (true, failure);
                Wake();
            }
        }
    }

    /// <summary>Takes the next item. Returns false if none waits.</summary>
    /// <exception cref="Exception">The exception with which the watch has ended.</exception>
    public bool TryTake(out WatchItem item)
    {
        lock (_lock)
        {
            if (_items.TryDequeue(out item))
            {
                _bytes -= item.Size + Overhead;
                Wake();
                return true;
            }

            return _isCompleted && _failure is not null ? throw _failure : false;
        }
    }

    /// <summary>Waits until something was added, taken or completed, unless the condition holds.</summary>
    public Task WaitAsync(Func<WatchBuffer, bool> isDone, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (isDone(this))
            {
                return Task.CompletedTask;
            }

            _changed ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _changed.Task.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Whether the reader has something to do.</summary>
    public static bool HasNews(WatchBuffer buffer) => buffer._items.Count > 0 || buffer._isCompleted;

    private void Wake()
    {
        _changed?.TrySetResult();
        _changed = null;
    }
}
