using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace OrdersActors.FrontEnd.Transport;

/// <summary>Sends what the web server writes while it handles HTTP.</summary>
/// <remarks>
/// A flush ends when all bytes have been given to the operating system. So a response that its client does not read
/// waits in the request, and a WebSocket's first frame follows the answer to its upgrade. One flush is made at a time.
/// </remarks>
/// <param name="socket">A socket that does not block.</param>
/// <param name="pool">Where the buffers come from.</param>
/// <param name="onClosed">Called when the connection has failed; must not fail.</param>
internal sealed class SocketWriter(Socket socket, MemoryPool<byte> pool, Action onClosed) : PipeWriter
{
    // The bytes between two flushes. Their number is the web server's decision, so they wait for nothing here.
    private readonly Pipe _pipe = new(new PipeOptions(
        pool, PipeScheduler.Inline, PipeScheduler.Inline, pauseWriterThreshold: 0, useSynchronizationContext: false));

    private readonly Lock _lock = new();
    private bool _isClosed;

    // Under the lock. While bytes are being sent, their buffers must not return to the pool.
    private bool _isSending;
    private bool _isCompleted;

    public override bool CanGetUnflushedBytes => true;

    public override long UnflushedBytes => _pipe.Writer.UnflushedBytes;

    public override void Advance(int bytes) => _pipe.Writer.Advance(bytes);

    public override Memory<byte> GetMemory(int sizeHint = 0) => _pipe.Writer.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => _pipe.Writer.GetSpan(sizeHint);

    public override void CancelPendingFlush() => _pipe.Writer.CancelPendingFlush();

    /// <summary>Drops what was not flushed. A flush that is in progress keeps its buffers until it ends.</summary>
    public override void Complete(Exception? exception = null)
    {
        _pipe.Writer.Complete();
        lock (_lock)
        {
            _isCompleted = true;
            if (_isSending)
            {
                return;
            }
        }

        _pipe.Reader.Complete();
    }

    /// <summary>Sends all bytes. The result is completed if the connection has failed.</summary>
    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        var flushed = _pipe.Writer.FlushAsync(cancellationToken);
        lock (_lock)
        {
            if (_isCompleted)
            {
                return flushed;
            }

            _isSending = true;
        }

        if (_pipe.Reader.TryRead(out var read))
        {
            return SendAsync(flushed, read.Buffer, cancellationToken);
        }

        EndSending();
        return flushed;
    }

    private async ValueTask<FlushResult> SendAsync(
        ValueTask<FlushResult> flushed, ReadOnlySequence<byte> bytes, CancellationToken cancellationToken)
    {
        try
        {
            var rest = _isClosed ? default : bytes.Slice(Send(bytes));
            foreach (var part in rest)
            {
                for (var left = part; left.Length > 0;)
                {
                    left = left[await socket.SendAsync(left, SocketFlags.None, cancellationToken)..];
                }
            }
        }
        catch (SocketException)
        {
            _isClosed = true;
            onClosed();
        }
        finally
        {
            _pipe.Reader.AdvanceTo(bytes.End);
            EndSending();
        }

        var result = await flushed;
        return _isClosed ? new FlushResult(result.IsCanceled, isCompleted: true) : result;
    }

    private void EndSending()
    {
        bool mustComplete;
        lock (_lock)
        {
            mustComplete = _isCompleted;
            _isSending = false;
        }

        if (mustComplete)
        {
            _pipe.Reader.Complete();
        }
    }

    /// <summary>Sends as many of the bytes as possible without waiting, and returns their number.</summary>
    private int Send(ReadOnlySequence<byte> bytes)
    {
        SocketError error;
        int sent;
        if (bytes.IsSingleSegment)
        {
            sent = socket.Send(bytes.FirstSpan, SocketFlags.None, out error);
        }
        else
        {
            var parts = new List<ArraySegment<byte>>();
            foreach (var part in bytes)
            {
                // The pools of the web server and of the runtime give memory of arrays only.
                MemoryMarshal.TryGetArray(part, out var array);
                parts.Add(array);
            }

            sent = socket.Send(parts, SocketFlags.None, out error);
        }

        return error is SocketError.Success or SocketError.WouldBlock ? sent : throw new SocketException((int)error);
    }
}
