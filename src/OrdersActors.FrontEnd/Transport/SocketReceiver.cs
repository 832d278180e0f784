using System.Net.Sockets;
using System.Threading.Tasks.Sources;

namespace OrdersActors.FrontEnd.Transport;

/// <summary>
/// Receives from a client's socket, for HTTP and then for the WebSocket. One call is made at a time.
/// <see cref="UpgradedSocket.Close"/> disposes of it and of the socket.
/// </summary>
/// <remarks>
/// <para>A failure is a value here, and no exception. If an asynchronous method of a socket fails, the runtime creates
/// the text of a stack trace for its exception. That takes longer than to serve a new connection, and most clients
/// leave without a closing handshake: when their network fails, thousands do at once.</para>
/// <para>It waits with an empty receive, and then receives what has come. If the wait is cancelled, the empty receive
/// stays pending, and the next wait continues it.</para>
/// </remarks>
internal sealed class SocketReceiver : SocketAsyncEventArgs, IValueTaskSource<int>
{
    // The states of the empty receive.
    private const int Ended = 0;
    private const int Awaited = 1;
    private const int Abandoned = 2;

    private ManualResetValueTaskSourceCore<int> _wait;
    private CancellationTokenRegistration _cancelling;
    private int _state;

    /// <param name="socket">A socket that does not block.</param>
    public SocketReceiver(Socket socket)
        // The base class need not pass on the execution context, because the reader's own code does.
        : base(true)
    {
        Socket = socket;
        SetBuffer(Memory<byte>.Empty);
    }

    public Socket Socket { get; }

    /// <summary>The first failure; <see cref="SocketError.Success"/> before it. Nothing is received after it.</summary>
    public SocketError Failure { get; private set; }

    /// <summary>
    /// Receives at least one byte, or waits for one if the buffer is empty. Returns 0 if the client has ended its side,
    /// and after a failure.
    /// </summary>
    public ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken) =>
        buffer.IsEmpty ? WaitAsync(cancellationToken)
        : TryReceive(buffer.Span, out var received) ? ValueTask.FromResult(received)
        : ReceiveLaterAsync(buffer, cancellationToken);

    int IValueTaskSource<int>.GetResult(short token)
    {
        // Waits for a callback that is running, so that none is late and cancels the next wait.
        _cancelling.Dispose();
        _cancelling = default;
        return _wait.GetResult(token);
    }

    ValueTaskSourceStatus IValueTaskSource<int>.GetStatus(short token) => _wait.GetStatus(token);

    void IValueTaskSource<int>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _wait.OnCompleted(continuation, state, token, flags);

    protected override void OnCompleted(SocketAsyncEventArgs e)
    {
        NoteFailure(SocketError);
        if (Interlocked.Exchange(ref _state, Ended) == Awaited)
        {
            _wait.SetResult(0);
        }
    }

    private async ValueTask<int> ReceiveLaterAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        int received;
        do
        {
            await WaitAsync(cancellationToken);
        }
        while (!TryReceive(buffer.Span, out received));

        return received;
    }

    /// <summary>Returns false if nothing has come yet.</summary>
    private bool TryReceive(Span<byte> buffer, out int received)
    {
        received = 0;
        if (Failure == SocketError.Success)
        {
            received = Socket.Receive(buffer, SocketFlags.None, out var error);
            if (error == SocketError.WouldBlock)
            {
                return false;
            }

            NoteFailure(error);
        }

        return true;
    }

    private ValueTask<int> WaitAsync(CancellationToken cancellationToken)
    {
        _wait.Reset();
        if (Interlocked.CompareExchange(ref _state, Awaited, Abandoned) == Ended)
        {
            _state = Awaited;
            if (!Socket.ReceiveAsync(this))
            {
                _state = Ended;
                NoteFailure(SocketError);
                return ValueTask.FromResult(0);
            }
        }

        _cancelling = cancellationToken.UnsafeRegister(
            static (receiver, token) => ((SocketReceiver)receiver!).Cancel(token), this);
        return new ValueTask<int>(this, _wait.Version);
    }

    private void Cancel(CancellationToken token)
    {
        if (Interlocked.CompareExchange(ref _state, Abandoned, Awaited) == Awaited)
        {
            // On another thread, because the caller of the cancellation must not continue the reader.
            ThreadPool.UnsafeQueueUserWorkItem(
                static state => state.Receiver._wait.SetException(new OperationCanceledException(state.Token)),
                (Receiver: this, Token: token),
                preferLocal: false);
        }
    }

    private void NoteFailure(SocketError error)
    {
        if (error != SocketError.Success)
        {
            Failure = error;
        }
    }
}
