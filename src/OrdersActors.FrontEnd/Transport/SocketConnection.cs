using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace OrdersActors.FrontEnd.Transport;

/// <summary>A client's TCP connection while the web server handles HTTP on it.</summary>
/// <remarks>
/// <code>
///   socket ──► 1 HTTP: requests, and the upgrade as the last one ──► the web server disposes of this object
///      └─────► 2 the WebSocket, on the same socket
/// </code>
/// <para>So an idle WebSocket holds a socket, and nothing of what the web server holds for a connection.</para>
/// <para>Nothing runs beside HTTP: the bytes are read and written when HTTP asks for them, on its threads. The web
/// server must notice when a client leaves during a request. <see cref="Watch"/> checks this once per second.</para>
/// </remarks>
[SuppressMessage("Reliability", "CA1001", Justification = "A source of a token without a timer holds nothing.")]
internal sealed partial class SocketConnection
    : ConnectionContext, IDuplexPipe, IConnectionSocketFeature, IMemoryPoolFeature, IConnectionIdFeature,
        IConnectionItemsFeature, IConnectionTransportFeature, IConnectionLifetimeFeature, IConnectionEndPointFeature
{
    private static long _lastId = DateTime.UtcNow.Ticks;

    private readonly CancellationTokenSource _closed = new();
    private readonly SocketReceiver _receiver;
    private readonly ILogger _logger;

    // Keeps this object until the web server disposes of it. Otherwise the garbage collector could take the connection
    // of a request that waits for nothing but the client's end: no read is pending then, and the web server refers to
    // its connections weakly.
    private GCHandle _self;
    private UpgradedSocket? _upgraded;
    private string? _id;

    public SocketConnection(Socket socket, bool noDelay, MemoryPool<byte> pool, ILogger logger)
    {
        _logger = logger;
        Socket = socket;
        MemoryPool = pool;
        // Otherwise a synchronous send would wait. It does not affect asynchronous calls.
        socket.Blocking = false;
        socket.NoDelay = noDelay;
        LocalEndPoint = socket.LocalEndPoint;
        RemoteEndPoint = socket.RemoteEndPoint;
        ConnectionClosed = _closed.Token;
        _receiver = new SocketReceiver(socket);
        Input = PipeReader.Create(
            new SocketReader(_receiver),
            new StreamPipeReaderOptions(pool, pool.MaxBufferSize, leaveOpen: true, useZeroByteReads: true));
        Output = new SocketWriter(socket, pool, OnClosed);
        Transport = this;
        Features.Set<IConnectionIdFeature>(this);
        Features.Set<IConnectionItemsFeature>(this);
        Features.Set<IConnectionTransportFeature>(this);
        Features.Set<IConnectionLifetimeFeature>(this);
        Features.Set<IConnectionEndPointFeature>(this);
        Features.Set<IConnectionSocketFeature>(this);
        Features.Set<IMemoryPoolFeature>(this);
        Features.Set(this);
        // Last, because the lines before fail if the client has left, and then nobody disposes of this object.
        _self = GCHandle.Alloc(this);
    }

    public Socket Socket { get; }

    public MemoryPool<byte> MemoryPool { get; }

    public PipeReader Input { get; }

    public PipeWriter Output { get; }

    public override IDuplexPipe Transport { get; set; }

    public override string ConnectionId
    {
        get => _id ??= $"{Interlocked.Increment(ref _lastId):X}";
        set => _id = value;
    }

    public override IFeatureCollection Features { get; } = new FeatureCollection();

    [field: AllowNull]
    public override IDictionary<object, object?> Items
    {
        get => field ??= new ConnectionItems();
        set;
    }

    public override CancellationToken ConnectionClosed { get; set; }

    public override EndPoint? LocalEndPoint { get; set; }

    public override EndPoint? RemoteEndPoint { get; set; }

    /// <summary>
    /// The method that serves the socket after HTTP; null if HTTP is all. It is called even if the client has left. It
    /// must not fail, and must dispose of the <see cref="UpgradedSocket"/>. The connection's last request sets it.
    /// </summary>
    public Func<Task>? Next { get; set; }

    /// <summary>
    /// Returns the socket for a WebSocket, to be used when HTTP has ended; null if the connection's bytes are not
    /// the socket's, because middleware encrypts them or processes them otherwise.
    /// </summary>
    public UpgradedSocket? Upgrade() => Transport == this ? _upgraded ??= new UpgradedSocket(_receiver) : null;

    /// <summary>
    /// Checks once per second whether the client has left, as long as the web server has the connection. Then the
    /// current request is cancelled.
    /// </summary>
    public void Watch() => Features.Get<IConnectionHeartbeatFeature>()?.OnHeartbeat(
        static connection => ((SocketConnection)connection).CheckClient(), this);

    public override void Abort() => UpgradedSocket.Abort(Socket);

    public override void Abort(ConnectionAbortedException abortReason) => Abort();

    /// <summary>
    /// Ends HTTP on the connection. The socket is closed, or served by <see cref="Next"/> from now on.
    /// </summary>
    public override async ValueTask DisposeAsync()
    {
        if (_self.IsAllocated)
        {
            _self.Free();
        }

        if (Next is not null && Input.TryRead(out var early))
        {
            // The client need not wait for the answer to its upgrade.
            _upgraded!.SetEarly(early.Buffer.ToArray());
        }

        await Input.CompleteAsync();
        await Output.CompleteAsync();
        await base.DisposeAsync();
        if (Next is { } next)
        {
            // It does not fail, and the connection's registry has it until it ends.
            _ = next();
        }
        else
        {
            UpgradedSocket.Close(_receiver);
        }
    }

    private void CheckClient()
    {
        if (!_closed.IsCancellationRequested && !TcpState.IsOpen(Socket))
        {
            OnClosed();
        }
    }

    // On another thread, because the callbacks of a token run on the thread that cancels it.
    private void OnClosed() => ThreadPool.UnsafeQueueUserWorkItem(
        static connection =>
        {
            try
            {
                connection._closed.Cancel();
            }
            catch (AggregateException e)
            {
                connection.LogNotNotified(e, connection.ConnectionId);
            }
        },
        this,
        preferLocal: false);

    [LoggerMessage(1355, LogLevel.Error, "A request on connection {ConnectionId} failed when its client left")]
    private partial void LogNotNotified(Exception exception, string connectionId);
}
