using System.Buffers;

namespace OrdersActors.FrontEnd.Connections;

/// <summary>
/// What waits to be sent to one client, in order, and the one writer of its socket.
/// </summary>
/// <remarks>
/// <para>Frames are references to bytes that all connections share. Whatever has queued while a write was under way goes out
/// in the next one, up to <see cref="WriteSize"/> at once: the kernel's share of a write is many times the cost of copying
/// the few hundred bytes of a frame (10 µs and more against 0.1 µs), so coalescing is what pays.</para>
/// <para>The queue is bounded in bytes, and each frame counts with what it costs in memory
/// (<see cref="WebSocketFrame.Overhead"/>). At the bound <see cref="TryEnqueue"/> refuses, and the connection cuts the
/// client off. Of the answers to pings only the newest waits (<see cref="Pong"/>), which RFC 6455 allows, so a client
/// that pings and does not read holds one frame. An idle queue has no task, no timer and no buffer.</para>
/// <para>Thread-safe. The queue owns its writer; <see cref="CompleteAsync"/> awaits its end.</para>
/// </remarks>
internal sealed class OutboundQueue(Stream socket, int maxBytes, Action<Exception> onBroken) : IThreadPoolWorkItem
{
    /// <summary>
    /// Bytes in one write: forty frames of 400 bytes, and small enough that the rented buffers of many writers at once
    /// stay a matter of megabytes.
    /// </summary>
    private const int WriteSize = 16 * 1024;

    /// <summary>
    /// Places in the lists that are kept while nothing waits; longer lists are left to the garbage collector.
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

    /// <summary>Queues a frame. False, and nothing queued, where it does not fit or the queue is closed.</summary>
    public bool TryEnqueue(byte[] frame)
    {
        lock (_lock)
        {
            if (_isClosed || _bytes + WebSocketFrame.Cost(frame) > maxBytes)
            {
                // To a closed queue frames are not lost by refusal: the client is on its way out and resumes elsewhere.
                return _isClosed;
            }

            Add(frame);
            return true;
        }
    }

    /// <summary>
    /// Queues the answer to a ping in the place of one that still waits. Dropped if the queue is full or closed: the
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
    /// Queues the last frames, whatever the bound, and refuses all that come later. Does nothing the second time.
    /// </summary>
    public void Close(byte[][] lastFrames, bool discardQueue)
    {
        lock (_lock)
        {
            if (_isClosed)
            {
                return;
            }

            // Before the last frames, because nothing may follow the close frame.
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

    /// <summary>Whether at most half of the bound is taken: as far as a replay goes, so that live events still fit.</summary>
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

    /// <summary>Waits until <see cref="HasSpace"/>, which is how a replay keeps to the client's pace.</summary>
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

    /// <summary>Refuses what comes later and waits until all is written, the socket fails, or time is up.</summary>
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

    // WriteAsync reports its own failure, so nobody needs to await it here.
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
            // First, so that whoever waited finds it reported.
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

    /// <summary>Takes all that waits; null, and the writer ends, when nothing does.</summary>
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

    // Under the lock. The pong's bytes are counted already. First, so that it is never later than what was queued after
    // it.
    private void QueuePong()
    {
        if (_pong is not null)
        {
            _waiting.Insert(0, _pong);
            _pong = null;
        }
    }

    // Under the lock. A client that let many small frames wait once must not hold their places for ever.
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
