using System.Buffers;

namespace OrdersActors.FrontEnd.Transport;

/// <summary>The frames that wait to be sent to one client, in order, and the only writer of its socket.</summary>
/// <remarks>
/// <para>If nothing is queued, a frame is sent at once on the caller's thread, without waiting
/// (<see cref="IFrameOutput.TrySend"/>). Bytes that do not fit into the socket are queued, and also frames that come
/// while a write is in progress.</para>
/// <para>Frames are references to bytes that all connections share. All frames that were queued during a write go out
/// in the next one, up to <see cref="WriteSize"/> at once. The kernel's part of a write takes 4 µs or more, and
/// copying the few hundred bytes of a frame takes 0.1 µs. So coalescing frames saves most of the time.</para>
/// <para>The queue is bounded in bytes, and each frame counts with its cost in memory
/// (<see cref="WebSocketFrame.Overhead"/>). At the bound, <see cref="TryEnqueue"/> refuses the frame, and the
/// connection disconnects the client. Only the newest pong is kept in the queue (<see cref="EnqueuePong"/>), which RFC
/// 6455 allows. So a client that sends pings and does not read holds one frame. An idle queue has no task, no timer and
/// no buffer.</para>
/// <para>Thread-safe. Callers may hold the locks of a feed and of a connection; the queue takes no other lock. The
/// queue owns its writer. <see cref="CompleteAsync"/> awaits the writer's end, at most for a timeout. A write that is
/// pending after the timeout ends with the transport.</para>
/// </remarks>
internal sealed class OutboundQueue(IFrameOutput output, int maxBytes, Action<Exception> onBroken)
    : IThreadPoolWorkItem
{
    // Forty frames of 400 bytes. So small that the rented buffers of many concurrent writers take only some megabytes.
    private const int WriteSize = 16 * 1024;

    // Also the lock, because a lock of its own would be an object more for each connection.
    private readonly FrameBacklog _backlog = new();
    private bool _isWriting;
    private bool _isClosed;
    private TaskCompletionSource? _belowWatermark;
    private TaskCompletionSource? _idle;

    /// <summary>The bytes that count against the bound. Read without the lock, for metrics.</summary>
    public int QueuedBytes => _backlog.Bytes;

    /// <summary>
    /// Whether at most half of the bound is in use. A replay uses only this half, so that live events still fit.
    /// </summary>
    public bool IsBelowWatermark
    {
        get
        {
            lock (_backlog)
            {
                return IsBelow;
            }
        }
    }

    // Under the lock.
    private bool IsBelow => _backlog.Bytes <= maxBytes / 2;

    /// <summary>
    /// Queues a frame. Returns false and queues nothing if the frame does not fit; the caller must then close the
    /// connection. After <see cref="Close"/> or a failed write, the frame is dropped and the result is true, because
    /// the connection is already ending and the caller need not act.
    /// </summary>
    public bool TryEnqueue(byte[] frame)
    {
        lock (_backlog)
        {
            if (_isClosed)
            {
                return true;
            }

            if (_backlog.Bytes + WebSocketFrame.Cost(frame) > maxBytes)
            {
                return false;
            }

            Send(frame);
            return true;
        }
    }

    /// <summary>
    /// Queues a pong, which replaces one that still waits. Dropped if the queue is closed, or if it is full because the
    /// client does not read.
    /// </summary>
    public void EnqueuePong(byte[] frame)
    {
        lock (_backlog)
        {
            if (_isClosed || _backlog.BytesWithPong(frame) > maxBytes)
            {
                return;
            }

            var sent = _isWriting ? 0 : output.TrySend(frame);
            if (sent == 0)
            {
                _backlog.SetPong(frame);
                EnsureWriting();
            }
            else
            {
                QueueRest(frame, sent);
            }
        }
    }

    /// <summary>
    /// Queues the last frames regardless of the bound, and drops all later frames. A second call does nothing.
    /// </summary>
    public void Close(byte[][] lastFrames, bool discardQueue)
    {
        lock (_backlog)
        {
            if (_isClosed)
            {
                return;
            }

            // Before the last frames, because nothing may follow the close frame.
            _backlog.PlacePong();
            if (discardQueue)
            {
                _backlog.DiscardWaiting();
            }

            foreach (var frame in lastFrames)
            {
                Send(frame);
            }

            _isClosed = true;
        }
    }

    /// <summary>Waits until <see cref="IsBelowWatermark"/>, so that a replay runs at the client's pace.</summary>
    public Task WaitBelowWatermarkAsync(CancellationToken cancellationToken)
    {
        lock (_backlog)
        {
            if (IsBelow)
            {
                return Task.CompletedTask;
            }

            _belowWatermark ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _belowWatermark.Task.WaitAsync(cancellationToken);
        }
    }

    /// <summary>
    /// Drops later frames and waits until all queued ones are written, the socket fails, or the timeout has passed.
    /// Returns false if the timeout has passed and a write is still pending.
    /// </summary>
    public async Task<bool> CompleteAsync(TimeSpan timeout, TimeProvider time)
    {
        Close([], discardQueue: false);
        Task idle;
        lock (_backlog)
        {
            if (!_isWriting)
            {
                return true;
            }

            _idle ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            idle = _idle.Task;
        }

        await idle.WaitAsync(timeout, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return idle.IsCompleted;
    }

    // WriteAllAsync does not fail, and CompleteAsync awaits its end.
    void IThreadPoolWorkItem.Execute() => _ = WriteAllAsync();

    // Under the lock. While nothing is being written, nothing is queued.
    private void Send(byte[] frame) => QueueRest(frame, _isWriting ? 0 : output.TrySend(frame));

    private void QueueRest(byte[] frame, int sent)
    {
        if (sent < frame.Length)
        {
            _backlog.Add(frame, sent);
            EnsureWriting();
        }
    }

    private void EnsureWriting()
    {
        if (!_isWriting)
        {
            _isWriting = true;
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    private async Task WriteAllAsync()
    {
        var buffer = ArrayPool<byte>.Shared.Rent(WriteSize);
        try
        {
            while (TakeAll(out var sent) is { } frames)
            {
                await WriteAsync(frames, sent, buffer);
            }
        }
        catch (Exception e)
        {
            // Reported before the waiting callers continue.
            onBroken(e);
            Fail();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Writes frames, except for the first bytes of the first one, which were sent before.</summary>
    private async Task WriteAsync(List<byte[]> frames, int sent, byte[] buffer)
    {
        var (filled, cost) = (0, 0);
        foreach (var frame in frames)
        {
            var rest = frame.AsMemory(sent);
            sent = 0;
            if (filled > 0 && filled + rest.Length > buffer.Length)
            {
                await output.WriteAsync(buffer.AsMemory(0, filled));
                OnWritten(cost);
                (filled, cost) = (0, 0);
            }

            if (rest.Length > buffer.Length)
            {
                await output.WriteAsync(rest);
                OnWritten(WebSocketFrame.Cost(frame));
            }
            else
            {
                rest.CopyTo(buffer.AsMemory(filled));
                filled += rest.Length;
                cost += WebSocketFrame.Cost(frame);
            }
        }

        if (filled > 0)
        {
            await output.WriteAsync(buffer.AsMemory(0, filled));
            OnWritten(cost);
        }

        frames.Clear();
    }

    /// <summary>
    /// Takes all waiting frames, and the number of bytes of the first one that were sent before. Returns null if there
    /// is no frame; then the writer ends.
    /// </summary>
    private List<byte[]>? TakeAll(out int sent)
    {
        lock (_backlog)
        {
            var frames = _backlog.TakeAll(out sent);
            if (frames is null)
            {
                // Under the lock, so that the next frame starts a new writer.
                _isWriting = false;
                _idle?.TrySetResult();
            }

            return frames;
        }
    }

    private void OnWritten(int cost)
    {
        lock (_backlog)
        {
            _backlog.OnWritten(cost);
            if (IsBelow)
            {
                _belowWatermark?.SetResult();
                _belowWatermark = null;
            }
        }
    }

    private void Fail()
    {
        lock (_backlog)
        {
            _isClosed = true;
            _isWriting = false;
            _backlog.Clear();
            _idle?.TrySetResult();
            _belowWatermark?.SetResult();
            _belowWatermark = null;
        }
    }
}
