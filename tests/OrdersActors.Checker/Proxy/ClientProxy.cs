using System.Net;
using System.Net.Sockets;

namespace OrdersActors.Checker.Proxy;

/// <summary>
/// A TCP proxy between clients and servers that breaks connections in the ways of real networks. With several servers,
/// each connection goes to a random one, as behind a load balancer.
/// </summary>
internal sealed class ClientProxy : IAsyncDisposable
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly IReadOnlyList<IPEndPoint> _servers;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _end = new();
    private readonly HashSet<ProxiedConnection> _open = [];
    private readonly Task _accepting;
    private Weather? _weather;
    private int _accepted;

    private ClientProxy(IReadOnlyList<IPEndPoint> servers, TimeProvider time)
    {
        (_servers, _time) = (servers, time);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>The address that clients connect to.</summary>
    public IPEndPoint Address => (IPEndPoint)_listener.LocalEndpoint;

    /// <summary>The number of open connections.</summary>
    public int Count
    {
        get
        {
            lock (_open)
            {
                return _open.Count;
            }
        }
    }

    /// <summary>The number of connections of clients so far.</summary>
    public int Accepted => Volatile.Read(ref _accepted);

    public static ClientProxy Start(IReadOnlyList<IPEndPoint> servers, TimeProvider? time = null) =>
        new(servers, time ?? TimeProvider.System);

    /// <summary>Makes a fault of some open connections, and of some that are opened while it lasts.</summary>
    /// <param name="fault">The kind.</param>
    /// <param name="duration">
    /// How long it lasts. <see cref="Timeout.InfiniteTimeSpan"/> affects the open connections only, until their ends.
    /// </param>
    /// <param name="latency">For a delay: the delay of each read.</param>
    /// <param name="isHit">Whether the next connection is affected.</param>
    /// <returns>The number of affected connections that were open.</returns>
    public int Make(ProxyFault fault, TimeSpan duration, TimeSpan latency, Func<bool> isHit)
    {
        lock (_open)
        {
            ProxiedConnection[] hit = [.. _open.Where(_ => isHit())];
            foreach (var connection in hit)
            {
                connection.Make(fault, duration, latency);
            }

            // A network that cuts connections does not cut those that come later.
            _weather = fault is ProxyFault.Cut or ProxyFault.Reset
                ? _weather
                : new Weather(fault, _time.GetTimestamp(), duration, latency, isHit);
            return hit.Length;
        }
    }

    /// <summary>Ends all faults.</summary>
    public void Calm()
    {
        lock (_open)
        {
            _weather = null;
            // A copy, because a connection may end at once.
            foreach (var connection in _open.ToArray())
            {
                connection.Calm();
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        // The listener must not stop before: an accept after that fails with another exception.
        await _accepting;
        _listener.Dispose();
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        var serving = new List<Task>();
        try
        {
            while (true)
            {
                var client = await _listener.AcceptSocketAsync(_end.Token);
                Interlocked.Increment(ref _accepted);
                serving.RemoveAll(task => task.IsCompletedSuccessfully);
                serving.Add(ServeAsync(client));
            }
        }
        catch (OperationCanceledException) when (_end.IsCancellationRequested)
        {
            // The proxy is disposed.
        }

        await Task.WhenAll(serving);
    }

    private async Task ServeAsync(Socket client)
    {
        using var accepted = client;
        using var server = await TryConnectAsync();
        if (server is null)
        {
            return;
        }

        using var connection = new ProxiedConnection(client, server, _time);
        await using var ending = _end.Token.Register(connection.Abort);
        lock (_open)
        {
            _open.Add(connection);
            if (_weather is { } weather && weather.Left(_time) is var left && left > TimeSpan.Zero && weather.IsHit())
            {
                connection.Make(
                    weather.Fault, weather.Fault is ProxyFault.HalfOpen ? weather.Duration : left, weather.Latency);
            }
        }

        await connection.RunAsync();
        lock (_open)
        {
            _open.Remove(connection);
        }
    }

    /// <summary>Returns null if the server does not listen, and then the client's connection ends, too.</summary>
    private async Task<Socket?> TryConnectAsync()
    {
        var server = new Socket(SocketType.Stream, ProtocolType.Tcp);
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(_end.Token);
        timeout.CancelAfter(ConnectTimeout);
        try
        {
            await server.ConnectAsync(_servers[Random.Shared.Next(_servers.Count)], timeout.Token);
            return server;
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            server.Dispose();
            return null;
        }
    }

    /// <summary>The fault that also affects new connections.</summary>
    private sealed record Weather(
        ProxyFault Fault, long Since, TimeSpan Duration, TimeSpan Latency, Func<bool> IsHit)
    {
        // A server is reached again soon, while the connections that were open stay dead.
        private static readonly TimeSpan LongestUnreachable = TimeSpan.FromSeconds(10);

        /// <summary>How long further connections are affected.</summary>
        public TimeSpan Left(TimeProvider time) =>
            (Fault is ProxyFault.HalfOpen && Duration > LongestUnreachable ? LongestUnreachable : Duration)
            - time.GetElapsedTime(Since);
    }
}
