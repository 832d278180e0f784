using System.Diagnostics.CodeAnalysis;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace OrdersActors.EndToEndTests.Protocol;

/// <summary>
/// A network between a client and a server that can be cut, or go dead. A dead one drops all bytes of its connections,
/// in both directions, and closes nothing. New connections still work.
/// </summary>
internal sealed class SwallowingProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _ended = new();
    private readonly ConcurrentBag<Flow> _flows = [];
    private readonly Uri _server;
    private readonly Task _accepting;

    public SwallowingProxy(Uri server)
    {
        _server = server;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>The server's address through the proxy.</summary>
    public Uri Address =>
        new UriBuilder(_server) { Host = "127.0.0.1", Port = ((IPEndPoint)_listener.LocalEndpoint).Port }.Uri;

    /// <summary>The number of connections so far.</summary>
    public int Count => _flows.Count;

    /// <summary>Makes all existing connections go dead.</summary>
    public void Swallow()
    {
        foreach (var flow in _flows)
        {
            flow.IsDead = true;
        }
    }

    /// <summary>Ends all existing connections without a close of the WebSocket.</summary>
    public void Cut()
    {
        foreach (var flow in _flows)
        {
            flow.Cut();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        await _accepting;
        await Task.WhenAll(_flows.Select(flow => flow.Running));
        _listener.Dispose();
        _ended.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _flows.Add(new Flow(await _listener.AcceptTcpClientAsync(_ended.Token), _server, _ended.Token));
            }
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
    }

    [SuppressMessage("Reliability", "CA1001", Justification = "The flow disposes both sides when it ends.")]
    private sealed class Flow
    {
        private readonly TcpClient _client;
        private readonly TcpClient _upstream = new();
        private readonly CancellationTokenSource _cut = new();

        public Flow(TcpClient client, Uri server, CancellationToken ended)
        {
            _client = client;
            Running = RunUntilCutAsync(server, ended);
        }

        public volatile bool IsDead;

        public Task Running { get; }

        public void Cut() => _cut.Cancel();

        private async Task RunUntilCutAsync(Uri server, CancellationToken ended)
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(_cut.Token, ended);
            await RunAsync(server, either.Token);
        }

        private async Task RunAsync(Uri server, CancellationToken ended)
        {
            using (_client)
            using (_upstream)
            {
                try
                {
                    await _upstream.ConnectAsync(server.Host, server.Port, ended);
                    await Task.WhenAll(
                        PumpAsync(_client.GetStream(), _upstream.GetStream(), ended),
                        PumpAsync(_upstream.GetStream(), _client.GetStream(), ended));
                }
                catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
                {
                    // One side is gone.
                }
            }
        }

        private async Task PumpAsync(NetworkStream from, NetworkStream to, CancellationToken ended)
        {
            var buffer = new byte[16 * 1024];
            while (await from.ReadAsync(buffer, ended) is var length and > 0)
            {
                if (!IsDead)
                {
                    await to.WriteAsync(buffer.AsMemory(0, length), ended);
                }
            }

            if (IsDead)
            {
                // A close is swallowed, too.
                await Task.Delay(Timeout.Infinite, ended);
            }

            to.Socket.Shutdown(SocketShutdown.Send);
        }
    }
}
