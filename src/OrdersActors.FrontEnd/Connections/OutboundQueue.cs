using System.Buffers;

namespace OrdersActors.FrontEnd.Connections;

/// <summary>The frames that wait to be sent to one client, in order, and the only writer of its socket.</summary>
/// <remarks>
/// <para>Frames are references to bytes that all connections share. All frames that were queued during a write go out
/// in the next one, up to <see cref="WriteSize"/> at once. The kernel's part of a write takes 10 µs or more, and
/// copying the few hundred bytes of a frame takes 0.1 µs. So coalescing frames saves most of the time.</para>
/// <para>The queue is bounded in bytes, and each frame counts with its cost in memory
/// (<see cref="WebSocketFrame.Overhead"/>). At the bound, <see cref="TryEnqueue"/> refuses the frame, and the
/// connection disconnects the client. Only the newest pong is kept in the queue (<see cref="Pong"/>), which RFC 6455
/// allows. So a client that sends pings and does not read holds one frame. An idle queue has no task, no timer and no
/// buffer.</para>
/// <para>Thread-safe. The queue owns its writer; <see cref="CompleteAsync"/> awaits its end.</para>
/// </remarks>
internal sealed class OutboundQueue(Stream socket, int maxBytes, Action<Exception> onBroken) : IThreadPoolWorkItem
{
    /// <summary>
    /// Bytes in one write: forty frames of 400 bytes. The size is small enough that the rented buffers of many
    /// concurrent writers take only some megabytes.
    /// </summary>
    private const int WriteSize = 16 * 1024;

    /// <summary>
    /// The capacity up to which an empty list is kept. Larger lists are left to the garbage collector.
    /// </summary>
    private const int KeptPlaces = 64;

    private readonly Lock _lock = new();
    private List<byte[]> _waiting = [];
    private List<byte[]> _taken = [];
    private byte[]? _pong;
    private int _bytes;
    private bool _isWriting;
    private bool _isClosed;
    private TaskCompletionSource? _drained;
    private TaskCompletionSource? _idle;

    /// <summary>
    /// Queues a frame. Returns false and queues nothing if the frame does not fit. A closed queue drops the frame and
    /// returns true.
    /// </summary>
    public bool TryEnqueue(byte[] frame)
    {
        lock (_lock)
        {
            if (_isClosed || _bytes + WebSocketFrame.Cost(frame) > maxBytes)
            {
                // A frame that is dropped here is not lost: the connection is closing, and the client resumes on
                // another one.
                return _isClosed;
            }

            Add(frame);
            return true;
        }
    }

    /// <summary>
    /// Queues a pong, which replaces one that still waits. Dropped if the queue is closed, or if it is full because the
    /// client does not read.
    /// </summary>
    public void Pong(byte[] frame)
    {
        lock (_lock)
        {
            var bytes = _bytes + WebSocketFrame.Cost(frame) - (_pong is null ? 0 : WebSocketFrame.Cost(_pong));
            if (_isClosed || bytes > maxBytes)
            {
                return;
            }

            (_pong, _bytes) = (frame, bytes);
            Start();
        }
    }

    /// <summary>
    /// Queues the last frames regardless of the bound, and drops all later frames. A second call does nothing.
    /// </summary>
    public void Close(byte[][] lastFrames, bool discardQueue)
    {
        lock (_lock)
        {
            if (_isClosed)
            {
                return;
            }

            // Queued before the last frames, because nothing may follow the close frame.
            QueuePong();
            if (discardQueue)
            {
                foreach (var frame in _waiting)
                {
                    _bytes -= WebSocketFrame.Cost(frame);
                }

                _waiting.Clear();
            }

            foreach (var frame in lastFrames)
            {
                Add(frame);
            }

            _isClosed = true;
        }
    }

    /// <summary>
    /// Whether at most half of the bound is in use. A replay uses only this half, so that live events still fit.
    /// </summary>
    public bool HasSpace
    {
        get
        {
            lock (_lock)
            {
                return _bytes <= maxBytes / 2;
            }
        }
    }

    /// <summary>Waits until <see cref="HasSpace"/>, so that a replay runs at the client's pace.</summary>
    public Task WaitForSpaceAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_bytes <= maxBytes / 2)
            {
                return Task.CompletedTask;
            }

            _drained ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _drained.Task.WaitAsync(cancellationToken);
        }
    }

    /// <summary>
    /// Drops later frames and waits until all queued ones are written, the socket fails, or the timeout has passed.
    /// </summary>
    public async Task CompleteAsync(TimeSpan timeout, TimeProvider time)
    {
        Close([], discardQueue: false);
        Task idle;
        lock (_lock)
        {
            if (!_isWriting)
            {
                return;
            }

            _idle ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            idle = _idle.Task;
        }

        await idle.WaitAsync(timeout, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    // WriteAsync does not fail, and CompleteAsync waits for its end.
    void IThreadPoolWorkItem.Execute() => _ = WriteAsync();

    // Under the lock.
    private void Add(byte[] frame)
    {
        _waiting.Add(frame);
        _bytes += WebSocketFrame.Cost(frame);
        Start();
    }

    // Under the lock.
    private void Start()
    {
        if (!_isWriting)
        {
            _isWriting = true;
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    private async Task WriteAsync()
    {
        var buffer = ArrayPool<byte>.Shared.Rent(WriteSize);
        try
        {
            while (Take() is { } frames)
            {
                await WriteAsync(frames, buffer);
            }
        }
        catch (Exception e)
        {
            // Reported before the waiting callers continue.
            onBroken(e);
            Break();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async Task WriteAsync(List<byte[]> frames, byte[] buffer)
    {
        var (filled, cost) = (0, 0);
        foreach (var frame in frames)
        {
            if (filled > 0 && filled + frame.Length > buffer.Length)
            {
                await socket.WriteAsync(buffer.AsMemory(0, filled));
                Written(cost);
                (filled, cost) = (0, 0);
            }

            if (frame.Length > buffer.Length)
            {
                await socket.WriteAsync(frame);
                Written(WebSocketFrame.Cost(frame));
            }
            else
            {
                frame.CopyTo(buffer, filled);
                filled += frame.Length;
                cost += WebSocketFrame.Cost(frame);
            }
        }

        if (filled > 0)
        {
            await socket.WriteAsync(buffer.AsMemory(0, filled));
            Written(cost);
        }

        frames.Clear();
    }

    /// <summary>Takes all waiting frames. Returns null if there is no frame; then the writer ends.</summary>
    private List<byte[]>? Take()
    {
        lock (_lock)
        {
            QueuePong();
            if (_waiting.Count == 0)
            {
                Trim();
                _isWriting = false;
                _idle?.TrySetResult();
                return null;
            }

            (_waiting, _taken) = (_taken, _waiting);
            return _taken;
        }
    }

    // Under the lock. The pong's bytes are already counted. It is inserted first, so that it is not sent later than
    // frames that were queued after it.
    private void QueuePong()
    {
        if (_pong is not null)
        {
            _waiting.Insert(0, _pong);
            _pong = null;
        }
    }

    // Under the lock. A client that once had many small frames in its queue must not keep that much memory.
    private void Trim()
    {
        if (_waiting.Capacity > KeptPlaces)
        {
            _waiting = [];
        }

        if (_taken.Capacity > KeptPlaces)
        {
            _taken = [];
        }
    }

    private void Written(int bytes)
    {
        lock (_lock)
        {
            _bytes -= bytes;
            if (_drained is not null && _bytes <= maxBytes / 2)
            {
                _drained.SetResult();
                _drained = null;
            }
        }
    }

    private void Break()
    {
        lock (_lock)
        {
            _isClosed = true;
            _isWriting = false;
            _waiting.Clear();
            _pong = null;
            _bytes = 0;
            _idle?.TrySetResult();
            _drained?.SetResult();
            _drained = null;
        }
    }
}
