using System.Net.Sockets;

namespace OrdersActors.Checker.Proxy;

/// <summary>One connection through the proxy: two sockets, and two pumps that pass bytes on or disturb them.</summary>
/// <remarks>
/// <code>
///   client ──► read ──► swallowed? ──► delayed? ──► sliced? ──► server        and the same back
/// </code>
/// A pump reads again only after the other side has taken everything, so at most 16 KiB wait here in each direction.
/// </remarks>
internal sealed class ProxiedConnection : IDisposable
{
    private const int BufferSize = 16 * 1024;

    // At most about 32 pieces for each read: a piece for every few bytes of a long replay would take all processors.
    private const int MostPieces = 32;
    private const int MostPieceBytes = 7;

    // The peers read what was sent before they close. One that is frozen or gone closes nothing.
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(5);

    private readonly Socket _client;
    private readonly Socket _server;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _over;
    private readonly Lock _gate = new();
    private TimeSpan _latency;
    private long _delayedUntil;
    private long _slicedUntil;
    private volatile bool _drops;
    private volatile bool _isHalfOpen;
    private volatile bool _resets;

    public ProxiedConnection(Socket client, Socket server, TimeProvider time)
    {
        (_client, _server, _time) = (client, server, time);
        _over = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        _client.NoDelay = _server.NoDelay = true;
    }

    /// <summary>Passes bytes on until both sides have closed, or a fault ends the connection. Never fails.</summary>
    public async Task RunAsync()
    {
        var pumps = Task.WhenAll(PumpAsync(_client, _server), PumpAsync(_server, _client));
        await pumps;
        lock (_gate)
        {
            if (_resets)
            {
                _client.LingerState = _server.LingerState = new LingerOption(true, 0);
            }

            _client.Dispose();
            _server.Dispose();
        }
    }

    /// <summary>Makes a fault.</summary>
    /// <param name="fault">The kind.</param>
    /// <param name="duration">How long it lasts. A cut and a reset are final.</param>
    /// <param name="latency">For a delay: the delay of each read.</param>
    public void Make(ProxyFault fault, TimeSpan duration, TimeSpan latency)
    {
        lock (_gate)
        {
            switch (fault)
            {
                case ProxyFault.Cut:
                    _drops = true;
                    Close(_client);
                    Close(_server);
                    _over.CancelAfter(CloseTimeout);
                    break;
                case ProxyFault.Reset:
                    Reset();
                    break;
                case ProxyFault.Delay:
                    _latency = latency;
                    Volatile.Write(ref _delayedUntil, After(duration));
                    break;
                case ProxyFault.HalfOpen when !_drops:
                    _drops = _isHalfOpen = _resets = true;
                    _over.CancelAfter(duration);
                    break;
                case ProxyFault.Slice:
                    Volatile.Write(ref _slicedUntil, After(duration));
                    break;
            }
        }
    }

    /// <summary>Ends delays and slices now, and resets a half-open connection.</summary>
    public void Calm()
    {
        lock (_gate)
        {
            _delayedUntil = _slicedUntil = 0;
            if (_isHalfOpen)
            {
                Reset();
            }
        }
    }

    /// <summary>Ends the connection with a reset.</summary>
    public void Abort()
    {
        lock (_gate)
        {
            Reset();
        }
    }

    public void Dispose() => _over.Dispose();

    private void Reset()
    {
        _drops = _resets = true;
        _over.Cancel();
    }

    private async Task PumpAsync(Socket from, Socket to)
    {
        var buffer = new byte[BufferSize];
        try
        {
            while (await from.ReceiveAsync(buffer, _over.Token) is > 0 and var length)
            {
                await PassAsync(buffer.AsMemory(0, length), to);
            }

            await WhileHalfOpenAsync();
            _over.Token.ThrowIfCancellationRequested();
            Close(to);
            // The other direction may go on for a while. After a close of WebSockets it has nothing to say.
            _over.CancelAfter(CloseTimeout);
        }
        catch (SocketException)
        {
            await WhileHalfOpenAsync();
            Abort();
        }
        catch (OperationCanceledException)
        {
            // A fault, or the end of the time for closing.
        }
    }

    /// <summary>Nothing passes a half-open connection, neither a close nor a reset of the other side.</summary>
    private async Task WhileHalfOpenAsync()
    {
        if (_isHalfOpen)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, _time, _over.Token)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task PassAsync(ReadOnlyMemory<byte> bytes, Socket to)
    {
        if (!_drops && _time.GetTimestamp() < Volatile.Read(ref _delayedUntil))
        {
            await Task.Delay(_latency, _time, _over.Token);
        }

        var pieces = _time.GetTimestamp() < Volatile.Read(ref _slicedUntil)
            ? Slice(bytes.Length, Random.Shared)
            : [bytes.Length];
        foreach (var length in pieces)
        {
            for (var left = bytes[..length]; !_drops && left.Length > 0;)
            {
                left = left[await to.SendAsync(left, _over.Token)..];
            }

            bytes = bytes[length..];
        }
    }

    /// <summary>The lengths of the pieces of a read.</summary>
    internal static IEnumerable<int> Slice(int length, Random random)
    {
        var most = Math.Max(MostPieceBytes, 2 * length / MostPieces);
        while (length > 0)
        {
            var piece = Math.Min(length, 1 + random.Next(most));
            yield return piece;
            length -= piece;
        }
    }

    private static void Close(Socket socket)
    {
        try
        {
            socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It is closed already.
        }
    }

    private long After(TimeSpan duration) =>
        _time.GetTimestamp() + (long)(duration.TotalSeconds * _time.TimestampFrequency);
}
