using System.Net;
using System.Net.Sockets;

namespace OrdersActors.EndToEndTests.Publishing;

/// <summary>Listens on the IPv6 loopback address and passes every connection on to a port of the IPv4 one.</summary>
public sealed class PortForwarder : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.IPv6Loopback, 0);
    private readonly CancellationTokenSource _ended = new();
    private readonly Task _accepting;

    public PortForwarder(int target)
    {
        _listener.Start();
        _accepting = AcceptAsync(target);
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        _listener.Stop();
        await _accepting;
        _ended.Dispose();
    }

    private async Task AcceptAsync(int target)
    {
        var connections = new List<Task>();
        try
        {
            while (true)
            {
                connections.Add(ForwardAsync(await _listener.AcceptTcpClientAsync(_ended.Token), target));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task ForwardAsync(TcpClient from, int target)
    {
        using var to = new TcpClient();
        using (from)
        {
            try
            {
                await to.ConnectAsync(IPAddress.Loopback, target, _ended.Token);
                await Task.WhenAny(
                    from.GetStream().CopyToAsync(to.GetStream(), _ended.Token),
                    to.GetStream().CopyToAsync(from.GetStream(), _ended.Token));
            }
            catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
            {
                // The connection is over for one side, and hence for the other.
            }
        }
    }
}
